"""The library in a notebook: prices in as a pandas Series, results out as a DataFrame.

`from brentwatch import session_tests, sizes` loads this when it is asked for. A Series of prices is indexed
by date (a `DatetimeIndex` or dates, one a session, in any order), in USD/bbl. Returns are log fractions.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from brentwatch.core.alignment import settlement
from brentwatch.core.bars import Bar
from brentwatch.core.calibration import placebos, size
from brentwatch.core.errors import InvalidInput
from brentwatch.core.fits import of_these
from brentwatch.core.instruments import BRENT_SPOT
from brentwatch.core.normal_returns import table
from brentwatch.core.windows import HEADLINE, Window
from brentwatch.history import fits
from brentwatch.history.folder import names

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from brentwatch.core.calibration import Placebo

NOMINAL = (0.05, 0.01)


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


def _tested(prices: pd.Series[float], model: str, windows: Sequence[Window]) -> tuple[Placebo, ...]:
    bars = _bars(prices)
    return placebos(bars, table.load(model), of_these(bars, fits.load()), windows)


def _bars(prices: pd.Series[float]) -> list[Bar]:
    import pandas as pd

    ordered = prices.dropna().sort_index()
    days = [stamp.date() for stamp in pd.to_datetime(ordered.index)]
    if len(set(days)) < len(days):
        twice = next(day for day, after in pairwise(days) if day == after)
        raise InvalidInput(f"{twice} has two prices; one a session was wanted: drop one of them")
    return [
        Bar(session=day, closes_at=settlement(BRENT_SPOT, day), close=float(close))
        for day, close in zip(days, ordered.to_numpy(), strict=True)
    ]
