"""How long the headline model takes for every bundled session: from scratch, and with the bundled fits."""

from __future__ import annotations

from functools import partial
from statistics import median
from typing import TYPE_CHECKING

from benchmarks.calibration import bundled_bars
from benchmarks.measurement import AtMost, Measurement, Reference
from benchmarks.references import python_loop, seconds_of

from brentwatch.core.calibration.daily import NO_FITS, run_placebos
from brentwatch.core.domain.returns import PriceHistory
from brentwatch.core.forecasts import table
from brentwatch.core.forecasts.fits import month_of
from brentwatch.core.monitor.bundling import LOOK_BACK
from brentwatch.history.rules import load_fits

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from brentwatch.core.domain import Bar
    from brentwatch.core.forecasts.fits import BundledFit, Month

_SHORT_SESSIONS = 700


def measure(*, short: bool = False) -> Iterator[Measurement]:
    """Seconds of the calibration of the headline model on 6,505 sessions, without the imports."""
    bars = bundled_bars()[-_SHORT_SESSIONS:] if short else bundled_bars()
    scratch = _seconds(bars, NO_FITS, times=1)
    yield Measurement("calibration from scratch", scratch, "s", AtMost(2, _fits_alone(bars)))
    known, loop = _seconds(bars, {} if short else load_fits(), times=1 if short else 5), python_loop()
    each = Reference(f"{loop.name}, for each session", len(bars) * loop.value)
    yield Measurement("calibration, bundled fits", known, "s", AtMost(0.04, each))


def _fits_alone(bars: Sequence[Bar]) -> Reference:
    """As many fits by `arch` as there are months, each on other returns, so that none is cached."""
    model, returns = table.load(table.HEADLINE_MODEL), PriceHistory.build(bars).compute_returns()
    months = len({month_of(bar.session) for bar in bars})
    windows = [returns.drop_last(left_out).take_last(LOOK_BACK) for left_out in (3, 7, 11, 13, 17)]
    spent = median(seconds_of(partial(model.fit, window), 1) for window in windows)
    return Reference(f"{months} fits by arch alone", months * spent)


def _seconds(bars: Sequence[Bar], known: Mapping[Month, BundledFit], times: int) -> float:
    model = table.load(table.HEADLINE_MODEL)
    return seconds_of(lambda: run_placebos(bars, model, known), times)
