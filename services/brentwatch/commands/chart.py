"""`brentwatch chart`: sessions of recorded histories as a picture, each with its normal range."""

from pathlib import Path

import click

from brentwatch.commands.options import Command
from brentwatch.message.chart import Form
from brentwatch.settings.origins import Sources


def choose_form(path: str) -> Form:
    """The form of a picture that the suffix of its file stands for.

    Raises:
        BadParameter: if there is no suffix, or none that can be drawn.
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


def check_suffix(path: str) -> str:
    """The path, if its suffix can be drawn: before a history is played."""
    if path != "-":
        choose_form(path)
    return path


@click.command("chart", cls=Command)
@click.argument("histories", nargs=-1, required=True, metavar="HISTORY[:SESSION]...")
@click.option(
    "--out",
    type=click.Path(dir_okay=False),
    default="-",
    callback=lambda _context, _option, path: check_suffix(path),
    help="Output file: .svg, .png (a slide, 16:9, 200 dpi) or .pdf [default: SVG on standard output].",
)
@click.option(
    "--instrument",
    help="Instrument of the prices (default: from history.toml).",
)
@click.pass_obj
def command(sources: Sources, histories: tuple[str, ...], out: str, instrument: str | None) -> None:
    """Draw a session of each HISTORY, a bundled name or a folder, side by side on one scale.

    The curve is the abnormal return over six sessions. A move outside the normal range (95 %) and a move that
    is abnormal at the alert level have different marks.

    SESSION is a date, such as abqaiq-2019:2019-09-16. The default is the session with events that has the
    smallest p.

    Charts need matplotlib: pip install "brentwatch[chart]".
    """
    from brentwatch.commands.options import choose_for_history
    from brentwatch.message.chart import draw, load_library
    from brentwatch.replay.panels import build_panel
    from brentwatch.settings.load import load

    settings = load(sources).settings
    load_library()  # first: to play a history takes a while
    panels = [
        build_panel(name, choose_for_history(name.partition(":")[0], settings, instrument))
        for name in histories
    ]
    if out == "-":
        click.echo(draw(panels), nl=False)
        return
    write_picture(out, draw(panels, choose_form(out)))


def write_picture(path: str, picture: bytes) -> None:
    """Write a file whole.

    Raises:
        FileError: if it cannot be written.
    """
    from brentwatch.history.regular_files import write_whole

    try:
        write_whole(Path(path), picture)
    except OSError as error:
        raise click.FileError(path, error.strerror) from error
