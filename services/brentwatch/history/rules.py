"""What the fold of an instrument knows beforehand, from what is bundled: the same live and in a replay."""

from __future__ import annotations

from typing import TYPE_CHECKING

from brentwatch.core.monitor.state import Rules
from brentwatch.history import calibration, confounders, fits

if TYPE_CHECKING:
    from brentwatch.core.domain.instruments import Instrument


def build_rules(instrument: Instrument, *, partial: bool = False) -> Rules:
    """The rules of an instrument, with the bundled confounders, calibration records and fits.

    `partial` where the oldest signals are missing.
    """
    return Rules(
        instrument=instrument,
        confounders=confounders.load_confounders(),
        calibrations=calibration.load_calibrations(),
        fits=fits.load_fits(),
        partial=partial,
    )
