"""`brentwatch chart`: sessions of recorded histories as a picture, each beside what noise does."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from brentwatch.commands.options import Command

if TYPE_CHECKING:
    from brentwatch.settings.sources import Sources


@click.command("chart", cls=Command)
@click.argument("histories", nargs=-1, required=True, metavar="HISTORY[:SESSION]...")
@click.option(
    "--out", type=click.Path(dir_okay=False), default="-", help="The SVG file; by default -, stdout."
)
@click.option(
    "--instrument",
    help="Whose prices these are; by default whose the history says.",
)
@click.pass_obj
def command(sources: Sources, histories: tuple[str, ...], out: str, instrument: str | None) -> None:
    """Draw a session of each HISTORY, a bundled name or a folder, side by side on one scale, as SVG.

    SESSION is its date, such as abqaiq-2019:2019-09-16; by default the session with events whose p is the
    smallest.
    """
    from brentwatch.commands.instruments import chosen_for
    from brentwatch.message.chart import draw
    from brentwatch.replay.panels import panel
    from brentwatch.settings.load import load

    settings = load(sources).settings
    picture = draw(
        [panel(name, chosen_for(name.partition(":")[0], settings, instrument)) for name in histories]
    )
    if out == "-":
        click.echo(picture, nl=False)
        return
    try:
        Path(out).write_bytes(picture)
    except OSError as error:
        raise click.FileError(out, error.strerror) from error
