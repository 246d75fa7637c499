"""How long the headline takes to test every bundled session: from scratch, and with the bundled fits."""

from __future__ import annotations

import time
from statistics import median
from typing import TYPE_CHECKING

from benchmarks.calibration import bundled_bars
from benchmarks.measurement import AtMost, Measurement

from brentwatch.core.calibration import NO_FITS, placebos
from brentwatch.core.normal_returns import table
from brentwatch.history import fits

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from brentwatch.core.fits import BundledFit, Month


def measure() -> Iterator[Measurement]:
    """Seconds of the calibration of the headline on 6,505 sessions; the imports are done before."""
    yield Measurement("calibration from scratch", _seconds(NO_FITS, times=1), "s", AtMost(12))
    yield Measurement("calibration, bundled fits", _seconds(fits.load(), times=5), "s", AtMost(1))


def _seconds(known: Mapping[Month, BundledFit], times: int) -> float:
    return median(_timed(known) for _ in range(times))


def _timed(known: Mapping[Month, BundledFit]) -> float:
    bars, model = bundled_bars(), table.load(table.HEADLINE_MODEL)
    began = time.perf_counter()
    placebos(bars, model, known)
    return time.perf_counter() - began
