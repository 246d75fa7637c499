"""`brentwatch config`: the settings as they are, where each came from, and a first file of them."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click

from brentwatch.commands.options import Group
from brentwatch.commands.printer import format_json_line
from brentwatch.core.errors import InvalidInput
from brentwatch.message.foreign import escape_text
from brentwatch.settings.origins import DEFAULT_FILE, Sources

if TYPE_CHECKING:
    from brentwatch.settings.load import Loaded


@click.group("config", cls=Group)
def command() -> None:
    """Show the settings and their sources, or write a first settings file."""


@command.command("show")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line: key, value, origin.")
@click.pass_obj
def show(sources: Sources, as_json: bool) -> None:
    """Print every setting with its value and its source; secrets as ***."""
    from brentwatch.settings.load import load

    for line in (_format_objects if as_json else _format_rows)(load(sources)):
        click.echo(line)


@command.command("init")
@click.option("--out", default=DEFAULT_FILE, show_default=True, metavar="FILE", help="File to create.")
def init(out: str) -> None:
    """Write a settings file with every setting commented out, with its default and its meaning.

    To change a setting, remove the # in front of it. An existing file is never overwritten. Only you can
    read the file. docs/settings.md lists all settings.
    """
    from brentwatch.settings.starter import build_starter

    _write_new(Path(out), build_starter())
    options = "" if out == DEFAULT_FILE else f" --settings {shlex.quote(out)}"
    click.echo(f"wrote {escape_text(out)}: remove the # in front of a setting to change it")
    click.echo(f"then check the result: brentwatch config show{escape_text(options)}")


def _write_new(path: Path, text: str) -> None:
    """Write a new file that its owner alone can read.

    Raises:
        InvalidInput: if it exists.
    """
    from brentwatch.history.regular_files import open_regular

    try:
        descriptor = open_regular(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
    except FileExistsError:
        raise InvalidInput(
            f"{escape_text(str(path))} exists; expected a new file, so that no settings are lost: choose "
            "another name with --out"
        ) from None
    with open(descriptor, "w", encoding="utf-8") as file:
        file.write(text)


def _format_objects(loaded: Loaded) -> list[str]:
    return [
        format_json_line({"key": shown.key, "value": shown.value, "origin": str(shown.origin)})
        for shown in loaded.show_values()
    ]


def _format_rows(loaded: Loaded) -> list[str]:
    """Three columns as wide as their widest value."""
    rows = [(shown.key, _format_value(shown.value), str(shown.origin)) for shown in loaded.show_values()]
    wide, wider = (max(len(row[column]) for row in rows) for column in (0, 1))
    return [f"{key:<{wide}}  {value:<{wider}}  {origin}" for key, value, origin in rows]


def _format_value(value: object) -> str:
    match value:
        case tuple():
            return ", ".join(str(part) for part in value) or "-"
        case "" | None | {} if not value:
            return "-"
    return str(value)
