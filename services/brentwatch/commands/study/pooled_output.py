"""`brentwatch study --pooled`: all events tested together, as a table and as a part of the page."""

from collections.abc import Iterator
from contextlib import ExitStack

from rich.text import Text

from brentwatch.commands.study.event_tables import print_with_note, start_table
from brentwatch.commands.study.impact_results import ImpactRun, ProgressReport, note_bare_dates, note_late
from brentwatch.commands.study.impact_words import describe_method
from brentwatch.commands.study.results import limit_sentences
from brentwatch.core.impact.pooled import PooledImpacts, pool_impacts
from brentwatch.history.rules import build_rules
from brentwatch.message.foreign import clean
from brentwatch.message.html.page_tables import PageRow, PageSection, PageTable
from brentwatch.message.pooled import (
    POOLED_TITLES,
    describe_pooled,
    list_pooled_cells,
    list_pooled_explanations,
)
from brentwatch.message.tables import PIPED_COLUMNS


def pool_run(run: ImpactRun) -> PooledImpacts:
    """The test of all events of a run together.

    Raises:
        InvalidInput: if there is no event.
    """
    known = {event.event_id: event.known for event in run.events.events}
    impacts, rules = run.impacts, build_rules(run.impacts.instrument)
    with ExitStack() as stack:
        progress = ProgressReport(stack).take
        return pool_impacts(known, run.bars, rules, impacts.model, impacts.windows, progress)


def list_pooled_notes(run: ImpactRun, pooled: PooledImpacts) -> Iterator[str]:
    """What to say next to a pooled test: as `ImpactRun.list_notes`, and what each window leaves out."""
    yield from run.notes
    yield from note_bare_dates(run.impacts, "the test takes the first, and the window 0,1 has both")
    yield from limit_sentences(note_late(run.impacts))
    yield from run.events.unreadable
    yield from (f"{clean(event)}: {reason}" for event, reason in run.impacts.refused.items())
    yield from limit_sentences(
        f"{clean(event)} is left out of {window}: {reason}"
        for window, left_out in pooled.left_out.items()
        for event, reason in left_out.items()
        if event not in run.impacts.refused
    )


def print_pooled(run: ImpactRun, pooled: PooledImpacts, width: int) -> None:
    """Print a line for each window, what the test says, and what the words mean."""
    drawn = start_table(*POOLED_TITLES)
    for window, test in pooled.tests.items():
        drawn.add_row(*(Text(cell) for cell in list_pooled_cells(window, test)))
    told = "\n".join((describe_pooled(pooled), describe_method(run), *list_pooled_explanations(pooled)))
    print_with_note(drawn, min(width, PIPED_COLUMNS), told)


def make_pooled_section(pooled: PooledImpacts) -> PageSection:
    """The part of the page that stands above the events."""
    titles = [f"{title if title == 'p' else title.capitalize()}#" for title in POOLED_TITLES]
    rows = [
        PageRow(cells=dict(zip(titles, list_pooled_cells(window, test), strict=True)))
        for window, test in pooled.tests.items()
    ]
    return PageSection(
        title="All events together",
        lead=describe_pooled(pooled),
        table=PageTable(caption="One test for each window", rows=rows),
        notes=list(list_pooled_explanations(pooled)),
    )
