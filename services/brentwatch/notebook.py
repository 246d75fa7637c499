"""The library in a notebook: prices in as a pandas Series, results out as a DataFrame.

`from brentwatch import session_tests` loads this when it is asked for. A Series of prices is indexed by date
(a `DatetimeIndex` or dates, one a session, in any order), in USD/bbl. Returns are log fractions.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from brentwatch.core.alignment import settlement
from brentwatch.core.bars import Bar
from brentwatch.core.calibration import placebos, size
from brentwatch.core.errors import InvalidInput
from brentwatch.core.event_study import table as classical
from brentwatch.core.event_study.batch import batch
from brentwatch.core.event_study.design import Design
from brentwatch.core.event_study.rows import rows
from brentwatch.core.fits import of_these
from brentwatch.core.instruments import BRENT_SPOT
from brentwatch.core.normal_returns import table
from brentwatch.core.study_rows.table import sheet
from brentwatch.core.windows import HEADLINE, Window
from brentwatch.history import fits
from brentwatch.history.folder import names
from brentwatch.history.notebook_input import daily, known

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    import pandas as pd

    from brentwatch.core.calibration import Placebo
    from brentwatch.core.event_study.batch import Batch

NOMINAL = (0.05, 0.01)
_TEXT = ("event_id", "model", "test", "on", "null", "refused")


def bundled_prices(history: str = "catalogue") -> pd.Series[float]:
    """The prices of a bundled history, USD/bbl by date; `catalogue` has all of EIA Brent spot.

    Raises:
        InvalidInput: if there is no such history.
    """
    from importlib.resources import files

    import pandas as pd

    if history not in names():
        raise InvalidInput(f"no history is called {history!r}: choose one of {', '.join(names())}")
    file = files("brentwatch.history") / "data" / history / "prices.csv"
    with file.open("rb") as opened:
        return pd.read_csv(opened, index_col="date", parse_dates=True)["usd_per_bbl"]


def session_tests(prices: pd.Series[float], model: str = table.HEADLINE_MODEL) -> pd.DataFrame:
    """The test of every session after 500 returns, each against the forecast made the session before.

    Args:
        prices: USD/bbl by date.
        model: one of the models of normal returns, by name.

    Returns:
        One row a session, indexed by `session`: `ar` (return less what was expected) and its forecast
        standard deviation `sigma`, both log fractions; `z` = ar / sigma; `p`, two-sided.

    Raises:
        InvalidInput: if a date is there twice.
        SettingsError: if there is no such model.
    """
    import pandas as pd

    tested = _tested(prices, model, (HEADLINE,))
    rows = [(each.session, each.ar, each.sigma, each.z, each.p) for each in tested]
    frame = pd.DataFrame(rows, columns=["session", "ar", "sigma", "z", "p"])
    return frame.assign(session=pd.to_datetime(frame["session"])).set_index("session")


def sizes(
    prices: pd.Series[float],
    models: Sequence[str] = (table.HEADLINE_MODEL, "constant-mean"),
    windows: Sequence[tuple[int, int]] = ((0, 0),),
) -> pd.DataFrame:
    """How often each model calls a session abnormal: every session is a placebo.

    Args:
        prices: USD/bbl by date.
        models: names of models of normal returns.
        windows: in event time, both ends inclusive, each beginning with 0.

    Returns:
        One row for each model, window and nominal level (.05 and .01): `n`, `size`, `fifth_1` (calmest) to
        `fifth_5`, `after_shock`.

    Raises:
        InvalidInput: if a date is there twice, or a window does not begin with 0.
        SettingsError: if there is no such model.
    """
    import pandas as pd

    wanted = tuple(Window(*window) for window in windows)
    rows = []
    for model in models:
        tested = _tested(prices, model, wanted)
        for window in wanted:
            group = [each for each in tested if each.window == window]
            for found in (size(group, nominal) for nominal in NOMINAL):
                fifths = {f"fifth_{place}": share for place, share in enumerate(found.fifths, start=1)}
                told = {"model": model, "window": str(window), "nominal": found.nominal, "n": found.n}
                rows.append({**told, "size": found.all, **fifths, "after_shock": found.after_shock})
    return pd.DataFrame(rows)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class EventStudies:
    """The classical study of many events, in the columns of `brentwatch study`; moves are log fractions.

    What does not exist is missing: NaN, as pandas has it.
    """

    batch: Batch

    def __repr__(self) -> str:
        found, studies = len(self.batch.found), self.batch.studies
        return (
            f"EventStudies({studies.model}, window {studies.design.window}: {found:,} events with a result, "
            f"{len(self.refused):,} refused)"
        )

    @property
    def rows(self) -> pd.DataFrame:
        """One row for each session of the window of each event."""
        return _frame(self.batch, "rows")

    @property
    def refused(self) -> Mapping[str, str]:
        """The events without a result, and why."""
        return self.batch.refused

    def aggregate(self) -> pd.DataFrame:
        """One row for each session of the window: AAR, CAAR and fifteen tests of them."""
        return _frame(self.batch, "rows", aggregate=True)

    def tests(self, *, aggregate: bool = False) -> pd.DataFrame:
        """One row an event, its tests side by side; of the `aggregate` one row for each test and session."""
        return _frame(self.batch, "tests", aggregate=aggregate)

    def diagnostics(self) -> pd.DataFrame:
        """One row an event: what its estimation window gives, and whether the textbook may be used on it."""
        return _frame(self.batch, "diagnostics")


def event_study(
    events: Mapping[str, date] | pd.Series[Any],
    prices: pd.Series[float],
    benchmark: pd.Series[float] | None = None,
    *,
    model: str = "constant-mean",
    estimation: int = 120,
    gap: int = 5,
    window: tuple[int, int] = (-5, 10),
) -> EventStudies:
    """The classical event study, as `brentwatch study` has it; its p are the textbook's.

    Args:
        events: by id a date, known before that session's settlement, or a time with its zone, after which the
            first settlement counts.
        prices: USD/bbl by date.
        benchmark: USD/bbl by date, for `market` and `market-adjusted`; others do not read it.
        model: `constant-mean`, `market-adjusted` or `market`.
        estimation: sessions to estimate on.
        gap: sessions between these and the window.
        window: first and last tau, both inclusive.

    Raises:
        InvalidInput: if an argument makes no sense. An event that cannot be studied is in `refused`.
    """
    chosen, design = classical.load(model), Design(estimation=estimation, gap=gap, window=Window(*window))
    moments, closes = known(events), daily(prices)
    if not closes:
        raise InvalidInput("there are no prices; one a session was wanted, USD/bbl by date; give some")
    beside = None if benchmark is None or not chosen.needs_benchmark else daily(benchmark, "benchmark values")
    series = rows(tuple(closes), list(closes.values()), beside)
    return EventStudies(batch(moments, series, design, chosen, BRENT_SPOT))


def _frame(of: Batch, show: str, *, aggregate: bool = False) -> pd.DataFrame:
    import pandas as pd

    asked = sheet(show, aggregate=aggregate)
    frame = pd.DataFrame(list(asked.rows(of)), columns=list(asked.columns))
    if "session" in frame:
        frame["session"] = pd.to_datetime(frame["session"])
    empty = [name for name in frame if name not in _TEXT and pd.api.types.is_object_dtype(frame[name])]
    return frame.astype(dict.fromkeys(empty, "float64"))


def _tested(prices: pd.Series[float], model: str, windows: Sequence[Window]) -> tuple[Placebo, ...]:
    bars = _bars(prices)
    return placebos(bars, table.load(model), of_these(bars, fits.load()), windows)


def _bars(prices: pd.Series[float]) -> list[Bar]:
    return [
        Bar(session=day, closes_at=settlement(BRENT_SPOT, day), close=close)
        for day, close in daily(prices).items()
    ]
