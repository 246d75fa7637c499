"""The library in a notebook: prices in as a pandas Series, results out as a DataFrame.

`from brentwatch import session_tests` loads this when it is asked for. A Series of prices is indexed by date
(a `DatetimeIndex`, dates, or text YYYY-MM-DD; one a session, in any order), in USD/bbl. Returns are log
fractions. Rows on days without a session are left out, and a return that spans missing sessions is never
judged as one session's: what was left out stands in `attrs["notes"]` of a result, and is warned of.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from brentwatch.core.calibration.daily import NOMINAL, Placebo, measure_size
from brentwatch.core.domain import BRENT_SPOT, HEADLINE, Instrument, Window
from brentwatch.core.errors import InvalidInput
from brentwatch.core.event_study import table as classical
from brentwatch.core.event_study.batch import Batch, study_events
from brentwatch.core.event_study.design import Design, describe_spanning
from brentwatch.core.event_study.rows import build_rows
from brentwatch.core.event_study.views.table import build_sheet
from brentwatch.core.forecasts import table
from brentwatch.history.folder import list_histories
from brentwatch.history.notebook_arguments import (
    read_instrument,
    read_names,
    read_switch,
    read_text,
    read_whole,
    read_window,
    read_windows,
)
from brentwatch.history.notebook_input import read_daily, read_event_times
from brentwatch.history.notebook_placebos import PlaceboPrices, PricesWarning, warn_of

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "EventStudies",
    "PricesWarning",
    "bundled_prices",
    "event_study",
    "session_tests",
    "sizes",
]

_FIFTHS = tuple(f"fifth_{place}" for place in range(1, 6))
_MISSING_IS_NAN = ("size", *_FIFTHS, "after_shock")
_TEXT = ("event_id", "model", "test", "on", "null", "refused")


def bundled_prices(history: str = "catalogue") -> pd.Series[float]:
    """The prices of a bundled history, USD/bbl by date; `catalogue` has all of EIA Brent spot.

    Raises:
        InvalidInput: if there is no such history.
    """
    from importlib.resources import files

    import pandas as pd

    if read_text("history", history, "catalogue") not in list_histories():
        raise InvalidInput(f"no history is called {history!r}: choose one of {', '.join(list_histories())}")
    file = files("brentwatch.history") / "data" / history / "prices.csv"
    with file.open("rb") as opened:
        return pd.read_csv(opened, index_col="date", parse_dates=True)["usd_per_bbl"]


def session_tests(
    prices: pd.Series[float],
    model: str = table.HEADLINE_MODEL,
    *,
    instrument: str | Instrument = BRENT_SPOT.name,
) -> pd.DataFrame:
    """The test of every session after 500 returns, each against the forecast made the session before.

    A session whose return spans missing sessions is not tested.

    Args:
        prices: USD/bbl by date.
        model: one of the models of normal returns, by name.
        instrument: says which days are sessions, `brent-spot` (London) or `brent-front` (Globex), or an
            `Instrument`.

    Returns:
        One row a session, indexed by `session`: `ar` (return less what was expected) and its forecast
        standard deviation `sigma`, both log fractions; `z` = ar / sigma; `p`, two-sided.

    Raises:
        InvalidInput: if an argument makes no sense, or no session can be tested.
        SettingsError: if there is no such model or instrument.
    """
    import pandas as pd

    given = PlaceboPrices(prices, instrument)
    tested = given.test_model(read_text("model", model, table.HEADLINE_MODEL), (HEADLINE,))
    rows = [(each.session, each.ar, each.sigma, each.z, each.p) for each in tested]
    frame = pd.DataFrame(rows, columns=["session", "ar", "sigma", "z", "p"])
    return given.add_notes(frame.assign(session=pd.to_datetime(frame["session"])).set_index("session"))


def sizes(
    prices: pd.Series[float],
    models: Sequence[str] = (table.HEADLINE_MODEL, "constant-mean"),
    windows: Sequence[tuple[int, int]] = ((0, 0),),
    *,
    instrument: str | Instrument = BRENT_SPOT.name,
) -> pd.DataFrame:
    """How often each model calls a session abnormal: every session is a placebo.

    Args:
        prices: USD/bbl by date.
        models: names of models of normal returns.
        windows: in event time, both ends inclusive, each beginning with 0.
        instrument: says which days are sessions, as for `session_tests`.

    Returns:
        One row for each model, window and nominal level (.05 and .01): `n`, `size`, `fifth_1` (calmest) to
        `fifth_5`, `after_shock`. A size of nothing is missing: NaN.

    Raises:
        InvalidInput: if an argument makes no sense, no session can be tested, or a window does not begin
            with 0.
        SettingsError: if there is no such model or instrument.
    """
    import pandas as pd

    given = PlaceboPrices(prices, instrument)
    named, asked = read_names("models", models, table.HEADLINE_MODEL), read_windows("windows", windows)
    tested = [given.test_model(model, asked) for model in named]
    rows = [
        row
        for model, found in zip(named, tested, strict=True)
        for window in asked
        for row in _build_size_rows(model, window, [each for each in found if each.window == window])
    ]
    return given.add_notes(pd.DataFrame(rows).astype(dict.fromkeys(_MISSING_IS_NAN, "float64")))


def _build_size_rows(model: str, window: Window, group: Sequence[Placebo]) -> Iterator[dict[str, object]]:
    for found in (measure_size(group, nominal) for nominal in NOMINAL):
        fifths = dict(zip(_FIFTHS, found.fifths or (None,) * len(_FIFTHS), strict=True))
        told = {"model": model, "window": str(window), "nominal": found.nominal, "n": found.n}
        yield {**told, "size": found.all, **fifths, "after_shock": found.after_shock}


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class EventStudies:
    """The classical study of many events, in the columns of `brentwatch study`; moves are log fractions.

    What does not exist is missing: NaN, as pandas has it. `notes` says in sentences what to know of the
    prices, and of events whose hour is not known.
    """

    batch: Batch
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        found, studies = len(self.batch.found), self.batch.studies
        return (
            f"EventStudies({studies.model}, window {studies.design.window}: {found:,} events with a result, "
            f"{len(self.refused):,} refused{self._describe_notes()})"
        )

    def _describe_notes(self) -> str:
        return (
            f"; see the {len(self.notes):,} notes" if len(self.notes) > 1 else "; see notes" * len(self.notes)
        )

    @property
    def rows(self) -> pd.DataFrame:
        """One row for each session of the window of each event."""
        return _build_frame(self.batch, "rows")

    @property
    def refused(self) -> Mapping[str, str]:
        """The events without a result, and why."""
        return self.batch.refused

    def aggregate(self) -> pd.DataFrame:
        """One row for each session of the window: AAR, CAAR and fifteen tests of them."""
        return _build_frame(self.batch, "rows", aggregate=True)

    def tests(self, *, aggregate: bool = False) -> pd.DataFrame:
        """One row an event, its tests side by side; of the `aggregate` one row for each test and session."""
        return _build_frame(self.batch, "tests", aggregate=read_switch("aggregate", aggregate))

    def diagnostics(self) -> pd.DataFrame:
        """One row an event: what its estimation window gives, and whether the textbook may be used on it."""
        return _build_frame(self.batch, "diagnostics")


def event_study(
    events: Mapping[str, date] | pd.Series[Any],
    prices: pd.Series[float],
    benchmark: pd.Series[float] | None = None,
    *,
    model: str = "constant-mean",
    estimation: int = 120,
    gap: int = 5,
    window: tuple[int, int] = (-5, 10),
    span: bool = False,
    instrument: str | Instrument = BRENT_SPOT.name,
) -> EventStudies:
    """The classical event study, as `brentwatch study` has it; its p are the textbook's.

    Args:
        events: by id a date, of which the hour is not known, or a time with its zone. Of a date tau 0 is that
            session or the first after it, though the news may belong to the next; of a time the first that
            settles after it.
        prices: USD/bbl by date.
        benchmark: USD/bbl by date, for `market` and `market-adjusted`; others do not read it.
        model: `constant-mean`, `market-adjusted` or `market`.
        estimation: sessions to estimate on.
        gap: sessions between these and the window.
        window: first and last tau, both inclusive.
        span: judge returns that span missing sessions too, with the mean and the variance of the sessions
            they span; without it an event with one in its window is refused.
        instrument: says which days are sessions and when they settle, as for `session_tests`.

    Raises:
        InvalidInput: if an argument makes no sense. An event that cannot be studied is in `refused`.
        SettingsError: if there is no such instrument.
    """
    chosen, asked = classical.load(read_text("model", model, "constant-mean")), read_instrument(instrument)
    design = Design(
        estimation=read_whole("estimation", estimation),
        gap=read_whole("gap", gap),
        window=read_window("window", window),
        span=read_switch("span", span),
    )
    moments, found = read_event_times(events), read_daily(prices, asked.series)
    if not found.prices:
        raise InvalidInput("there are no prices; one a session was expected, USD/bbl by date; give some")
    uses = benchmark is not None and chosen.needs_benchmark
    beside = read_daily(benchmark, asked.series, "benchmark values") if uses else None
    series = build_rows(
        tuple(found.prices), list(found.prices.values()), beside.prices if beside else None, found.spans
    )
    warn_of(*found.left_out, *(beside.left_out if beside else ()))
    studied = study_events(moments, series, design, chosen, asked)
    notes = (*found.notes, *(beside.notes if beside else ()), *_list_notes(studied, moments))
    return EventStudies(studied, notes)


def _list_notes(studied: Batch, moments: Mapping[str, date | datetime]) -> Iterator[str]:
    by_day = [name for name, known_at in moments.items() if not isinstance(known_at, datetime)]
    if by_day:
        yield (
            f"the hour of {', '.join(by_day)} is not known: the news may belong to the session of that day "
            "or to the next; tau 0 is the first of the two"
        )
    spans, ids = studied.studies.spans, studied.event_ids
    for event in studied.studies.kept.tolist():
        for each in studied.studies.rows.list_spanning(int(spans.first[event]), int(spans.last[event])):
            yield (
                f"{ids[event]}: {describe_spanning(*each)}: it is judged with the mean and the variance of "
                f"{each[2]:,} sessions"
            )


def _build_frame(of: Batch, show: str, *, aggregate: bool = False) -> pd.DataFrame:
    import pandas as pd

    asked = build_sheet(show, aggregate=aggregate)
    frame = pd.DataFrame(list(asked.rows(of)), columns=list(asked.columns))
    if "session" in frame:
        frame["session"] = pd.to_datetime(frame["session"])
    empty = [name for name in frame if name not in _TEXT and pd.api.types.is_object_dtype(frame[name])]
    return frame.astype(dict.fromkeys(empty, "float64"))
