"""`brentwatch config`: the settings as they are, and where each came from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from brentwatch.commands.options import Group
from brentwatch.commands.printer import format_json_line
from brentwatch.settings.origins import Sources

if TYPE_CHECKING:
    from brentwatch.settings.load import Loaded


@click.group("config", cls=Group)
def command() -> None:
    """Show the settings and where each came from."""


@command.command("show")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line: key, value, origin.")
@click.pass_obj
def show(sources: Sources, as_json: bool) -> None:
    """Print every setting, its value, and the place that gave it; secrets as ***."""
    from brentwatch.settings.load import load

    for line in (_format_objects if as_json else _format_rows)(load(sources)):
        click.echo(line)


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
