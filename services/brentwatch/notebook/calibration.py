"""`session_tests` and `sizes`: the test of every session of a series, and how often it is wrong."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

from brentwatch.core.calibration.daily import NOMINAL, Placebo, measure_size
from brentwatch.core.domain import HEADLINE, Instrument, Window
from brentwatch.core.forecasts.table import MODELS
from brentwatch.notebook.arguments import read_choices, read_windows
from brentwatch.notebook.placebo_prices import PlaceboPrices
from brentwatch.notebook.study_arguments import read_forecast_model
from brentwatch.wire.input_faults import Faults

if TYPE_CHECKING:
    import pandas as pd

    from brentwatch.notebook.names import ForecastModel, InstrumentName, Prices

_FIFTHS = tuple(f"fifth_{place}" for place in range(1, 6))
_MISSING_IS_NAN = ("size", *_FIFTHS, "after_shock")


def session_tests(
    prices: Prices | None = None,
    model: ForecastModel = "adaptive-garch-t",
    *,
    instrument: InstrumentName | Instrument | None = None,
) -> pd.DataFrame:
    """The test of every session after the first 500 returns, against the forecast of the session before.

    A session whose return spans missing sessions is not tested.

    Args:
        prices: USD/bbl by date, one for each session: a Series, a DataFrame with one price column, or what
            `yfinance.download` returns. By default the bundled Brent spot of the EIA.
        model: of normal returns: `adaptive-garch-t` (that of the monitor), `adaptive-rank`, `garch-t`,
            `constant-mean` (the textbook) or `ewma-rank`.
        instrument: says which days are sessions and when they settle. By default `brent-spot` (London); for a
            frame of yfinance with the ticker BZ=F or CL=F `brent-front` or `wti-front` (Globex).

    Returns:
        One row for each session, indexed by `session`, with `ar`, the return less the expected one, and
        `sigma`, its forecast standard deviation (both log fractions); `z`, ar / sigma; `p`, two-sided. What
        was
        left out of the prices is in `attrs["notes"]`.

    Raises:
        InvalidInput: if an argument cannot be used, with every fault; or if no session can be tested.
    """
    import pandas as pd

    faults = Faults()
    chosen = faults.attempt(partial(read_forecast_model, model))
    given = faults.attempt(partial(PlaceboPrices, prices, instrument))
    if faults or chosen is None or given is None:
        raise faults.build_error()
    tested = given.test_model(chosen, (HEADLINE,))
    rows = [(each.session, each.ar, each.sigma, each.z, each.p) for each in tested]
    frame = pd.DataFrame(rows, columns=["session", "ar", "sigma", "z", "p"])
    return given.add_notes(frame.assign(session=pd.to_datetime(frame["session"])).set_index("session"))


def sizes(
    prices: Prices | None = None,
    models: ForecastModel | Sequence[ForecastModel] = ("adaptive-garch-t", "constant-mean"),
    windows: tuple[int, int] | Sequence[tuple[int, int]] = ((0, 0),),
    *,
    instrument: InstrumentName | Instrument | None = None,
) -> pd.DataFrame:
    """How often each model calls a session abnormal: every session is tested as if an event had happened.

    A size near its nominal level means that the p-values of the model can be trusted on this series.

    Args:
        prices: USD/bbl by date, as for `session_tests`. By default the bundled Brent spot of the EIA.
        models: of normal returns, as for `session_tests`.
        windows: the first and the last session of each, both inclusive; the first must be 0.
        instrument: says which days are sessions and when they settle, as for `session_tests`.

    Returns:
        One row for each model, window and nominal level (0.05 and 0.01), with `n` sessions; `size`, the share
        of p-values at or below the level; `fifth_1` (calmest weeks) to `fifth_5` (most turbulent);
        `after_shock`, the size in the 20 sessions after a move of more than three standard deviations. A size
        of no session is NaN.

    Raises:
        InvalidInput: if an argument cannot be used, with every fault; or if no session can be tested.
    """
    import pandas as pd

    faults = Faults()
    named = faults.attempt(partial(read_choices, "models", models, MODELS))
    asked = faults.attempt(partial(read_windows, "windows", windows))
    given = faults.attempt(partial(PlaceboPrices, prices, instrument))
    if faults or named is None or asked is None or given is None:
        raise faults.build_error()
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
        named = {"model": model, "window": str(window), "nominal": found.nominal, "n": found.n}
        yield {**named, "size": found.all, **fifths, "after_shock": found.after_shock}
