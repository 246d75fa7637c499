"""`brentwatch ingest`: says why the feed of GDELT keeps or leaves out reports, and draws reports to label."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from brentwatch.commands.options import Command, Group
from brentwatch.commands.printer import FORMS, format_csv, print_rows
from brentwatch.commands.process import ExitCode, say
from brentwatch.settings.origins import Sources

if TYPE_CHECKING:
    from brentwatch.ingest.feeds.gdelt_explained import ExplainedRow
    from brentwatch.ingest.feeds.settings import GdeltSettings

_COLUMNS = ("number", "outcome", "country", "moved_from", "kind", "class", "words", "url")
_PROSE = ("words", "url")


@click.group("ingest", cls=Group)
def command() -> None:
    """Explain the filter of GDELT reports, and draw reports for labelling.

    FILE is an export file of GDELT 2.0 (zipped or not) or its URL.
    """


@command.command("explain", cls=Command)
@click.argument("place", metavar="FILE|URL")
@click.option(
    "--outcome",
    "outcomes",
    multiple=True,
    metavar="WORD",
    help="Only rows with this outcome: kept, or a reason such as kind; repeatable.",
)
@click.option("--format", "form", type=click.Choice(FORMS), default="table", show_default=True)
@click.pass_obj
def explain(sources: Sources, place: str, outcomes: tuple[str, ...], form: str) -> int:
    """Show the outcome of each row, and the words of its URL that decided it.

    Outcomes: kept, or the reason why the row is left out, as in brentwatch_reports_left_out_total. A mute row
    may still join an event, and one left out by the home rule waits for more headlines. Standard error counts
    the rows by outcome. Exits with 4 if no row matches.
    """
    from brentwatch.ingest.feeds.gdelt_explained import explain_rows, read_export
    from brentwatch.ingest.gdelt_words.vocabulary import load_vocabulary

    settings = _load_settings(sources)
    rows = explain_rows(read_export(place, settings.timeout_seconds), settings.oldest_days, load_vocabulary())
    counts = Counter(row.outcome for row in rows)
    told = ", ".join(f"{outcome} {count:,}" for outcome, count in counts.most_common())
    matching = [row for row in rows if not outcomes or row.outcome in outcomes]
    if matching:
        print_rows(_COLUMNS, [_describe_row(row) for row in matching], form, keys=2, prose=_PROSE)
    say(f"ingest: {len(rows):,} rows: {told}")
    return ExitCode.OK if matching else ExitCode.NOTHING_MATCHED


@command.command("label", cls=Command)
@click.argument("place", metavar="FILE|URL")
@click.option("--rows", "count", type=click.IntRange(min=1), default=60, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed draws the same rows.")
@click.option("--out", type=click.Path(dir_okay=False), help="Write to this new file [standard output].")
@click.pass_obj
def label(sources: Sources, place: str, count: int, seed: int, out: str | None) -> int:
    """Draw a sample of reports with an unrest code, as CSV with empty columns for your labels.

    Fill in is_current_unrest (yes, no, doubtful) and, unless it is no, country_right (yes, no). Then
    `make feeds LABELS=FILE` measures the feed. Exits with 4 if the file has no such report.
    """
    from brentwatch.ingest.feeds.gdelt_explained import read_export
    from brentwatch.ingest.feeds.label_rows import COLUMN_NAMES, draw_rows, name_file

    lines = read_export(place, _load_settings(sources).timeout_seconds)
    drawn = draw_rows(lines, name_file(place), count, seed)
    text = format_csv(COLUMN_NAMES, ([row[name] for name in COLUMN_NAMES] for row in drawn))
    if out is None:
        click.echo(text, nl=False)
    else:
        with Path(out).open("x", encoding="utf-8", newline="") as file:
            file.write(text)
    say(f"ingest: {len(drawn):,} reports drawn with seed {seed}; {count:,} requested")
    return ExitCode.OK if drawn else ExitCode.NOTHING_MATCHED


def _describe_row(row: ExplainedRow) -> dict[str, object]:
    from brentwatch.message.foreign import clean

    told = (
        clean(row.number), row.outcome, row.country or None, row.moved_from or None, row.kind or None,
        row.event_class or None, clean(" ".join(row.words)) or None, clean(row.url) or None,
    )  # fmt: skip
    return dict(zip(_COLUMNS, told, strict=True))


def _load_settings(sources: Sources) -> GdeltSettings:
    from brentwatch.settings.load import load

    return load(sources).settings.ingest.gdelt
