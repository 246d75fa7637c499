"""Runs the classical study of each window, and lists what to know of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

from brentwatch.core.errors import InvalidInput
from brentwatch.core.event_study.batch import Batch, study_events
from brentwatch.core.event_study.design import Design, describe_spanning
from brentwatch.core.event_study.rows import Rows, build_rows
from brentwatch.core.event_study.table import load
from brentwatch.notebook.event_input import list_bare_dates
from brentwatch.notebook.given_prices import GivenPrices, warn_of
from brentwatch.notebook.price_input import read_daily
from brentwatch.notebook.study_results import EventStudyResults

if TYPE_CHECKING:
    from brentwatch.core.domain import Series
    from brentwatch.core.event_study.model import Model
    from brentwatch.history.session_rows import SessionPrices


def study_windows(
    moments: Mapping[str, date | datetime],
    given: GivenPrices,
    benchmark: object,
    model: Model,
    designs: Sequence[Design],
) -> EventStudyResults:
    """The study of the events with each design.

    Raises:
        InvalidInput: if there are no prices, or the benchmark is missing or cannot be read.
    """
    if model.takes_factors:
        model = load(model.name, _count_factors(benchmark))
    rows, notes = _build_rows(given, benchmark, model)
    batches = tuple(study_events(moments, rows, design, model, given.instrument) for design in designs)
    return EventStudyResults(batches, given.instrument, (*notes, *_list_notes(batches, moments)))


def _build_rows(given: GivenPrices, benchmark: object, model: Model) -> tuple[Rows, tuple[str, ...]]:
    """The rows to study, and what to know of them."""
    found, series = given.found, given.instrument.series
    if not found.prices:
        raise InvalidInput("there are no prices; expected one for each session, USD/bbl by date; give some")
    if model.needs_benchmark and benchmark is None:
        raise InvalidInput(
            f"{model.name} compares with a benchmark, and none is given; expected benchmark=; give a "
            "Series of "
            "its prices, or choose model='constant-mean'"
        )
    factors = _read_factors(benchmark, model, series)
    beside = (
        read_daily(benchmark, series, "benchmark values") if model.needs_benchmark and not factors else None
    )
    rows = build_rows(
        tuple(found.prices),
        list(found.prices.values()),
        beside.prices if beside else None,
        found.spans,
        {name: each.prices for name, each in factors.items()},
    )
    read = (*([beside] if beside else []), *factors.values())
    left_out = dict.fromkeys(note for each in read for note in each.left_out)
    warn_of(*found.left_out, *left_out, callers=3)
    source = (given.source,) if given.source else ()
    return rows, (*source, *found.notes, *dict.fromkeys(note for each in read for note in each.notes))


def _count_factors(benchmark: object) -> int:
    """How many factors a benchmark holds: the columns of a DataFrame, and otherwise one."""
    import pandas as pd

    return max(1, len(benchmark.columns)) if isinstance(benchmark, pd.DataFrame) else 1


def _read_factors(benchmark: object, model: Model, series: Series) -> dict[str, SessionPrices]:
    """The columns of a DataFrame by name, for a model that takes factors; a Series is one factor."""
    import pandas as pd

    if not model.takes_factors:
        return {}
    columns: list[object] = [benchmark]
    if isinstance(benchmark, pd.DataFrame):
        names = [str(name) for name in benchmark.columns]
        columns = [benchmark.iloc[:, at] for at in range(len(names))]
    else:
        names = [str(getattr(benchmark, "name", None) or "benchmark")]
    if len(set(names)) < len(names):
        raise InvalidInput(
            "benchmark has two columns of the same name; expected a name for each factor; rename one"
        )
    read = (read_daily(each, series, "benchmark values") for each in columns)
    return dict(zip(names, read, strict=True))


def _list_notes(batches: Sequence[Batch], moments: Mapping[str, date | datetime]) -> Iterator[str]:
    yield from list_bare_dates(moments, "session 0 is the first of the two")
    for batch in batches:
        yield from _list_spanning(batch)
        if len(batches) > 1:
            yield from _list_partly_refused(batch, batches)


def _list_spanning(batch: Batch) -> Iterator[str]:
    spans, rows = batch.studies.spans, batch.studies.rows
    for event in batch.studies.kept.tolist():
        for each in rows.list_spanning(int(spans.first[event]), int(spans.last[event])):
            yield (
                f"{batch.event_ids[event]}: {describe_spanning(*each)}: it is tested with the mean and the "
                f"variance of {each[2]:,} sessions"
            )


def _list_partly_refused(batch: Batch, batches: Sequence[Batch]) -> Iterator[str]:
    """The events that have a result for another window."""
    found = {name for each in batches for name, _ in each.found}
    for name, reason in batch.refused.items():
        if name in found:
            yield f"{name} has no result for the window {batch.studies.design.window}: {reason}"
