"""`brentwatch chart`: sessions of recorded histories as a picture, each beside what noise does."""

from pathlib import Path

import click

from brentwatch.commands.options import Command
from brentwatch.message.chart import Form
from brentwatch.settings.origins import Sources


def _choose_form(path: str) -> Form:
    """What the suffix of the file says.

    Raises:
        BadParameter: if it says nothing that can be drawn.
    """
    from brentwatch.message.chart import FORMS

    suffix = Path(path).suffix.removeprefix(".").lower()
    for form in FORMS:
        if form == suffix:
            return form
    if not Path(path).name:
        raise click.BadParameter("expected the name of a file that ends in .svg, .png or .pdf")
    was = f"has the suffix .{suffix}" if suffix else "has no suffix"
    raise click.BadParameter(
        f"{path} {was}; expected .svg, .png or .pdf: name the file {Path(path).with_suffix('.svg')}, "
        "or convert an SVG with another program"
    )


def _check_suffix(path: str) -> str:
    """The path, if its suffix can be drawn: before a history is played."""
    if path != "-":
        _choose_form(path)
    return path


@click.command("chart", cls=Command)
@click.argument("histories", nargs=-1, required=True, metavar="HISTORY[:SESSION]...")
@click.option(
    "--out",
    type=click.Path(dir_okay=False),
    default="-",
    callback=lambda _context, _option, path: _check_suffix(path),
    help="The file; its suffix .svg, .png or .pdf says what is written [-, SVG on stdout].",
)
@click.option(
    "--instrument",
    help="Whose prices these are; by default whose the history says.",
)
@click.pass_obj
def command(sources: Sources, histories: tuple[str, ...], out: str, instrument: str | None) -> None:
    """Draw a session of each HISTORY, a bundled name or a folder, side by side on one scale.

    It needs matplotlib: pip install "brentwatch[chart]".

    SESSION is its date, such as abqaiq-2019:2019-09-16; by default the session with events whose p is the
    smallest.
    """
    from brentwatch.commands.options import choose_for_history
    from brentwatch.history.regular_files import write_whole
    from brentwatch.message.chart import draw, load_library
    from brentwatch.replay.panels import build_panel
    from brentwatch.settings.load import load

    settings = load(sources).settings
    load_library()  # before a history is played: that takes a while, and without it there is no chart
    panels = [
        build_panel(name, choose_for_history(name.partition(":")[0], settings, instrument))
        for name in histories
    ]
    if out == "-":
        click.echo(draw(panels), nl=False)
        return
    picture = draw(panels, _choose_form(out))
    try:
        write_whole(Path(out), picture)
    except OSError as error:
        raise click.FileError(out, error.strerror) from error
