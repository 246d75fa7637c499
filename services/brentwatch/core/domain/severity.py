"""How loud an alert is: p and the barrels at risk. The price alone does not tell Kazakhstan from Vorukh."""

from __future__ import annotations

from brentwatch.core.domain.alerts import Severity

_CRITICAL_SHARE = 0.3
_CRITICAL_EXPOSURE = 0.5
_HIGH_EXPOSURE = 0.25


def severity(p: float, level: float, exposure: float | None, events: int) -> Severity:
    """The severity of a session whose p is at or below `level`.

    `critical`: p <= .3 level and exposure >= .5; `high`: exposure >= .25; `medium`: otherwise, also where
    exposure is unknown (which is never zero); `info`: no event is known.
    """
    if not events:
        return Severity.INFO
    if exposure is None:
        return Severity.MEDIUM
    if p <= _CRITICAL_SHARE * level and exposure >= _CRITICAL_EXPOSURE:
        return Severity.CRITICAL
    return Severity.HIGH if exposure >= _HIGH_EXPOSURE else Severity.MEDIUM


def louder(one: Severity, other: Severity | None) -> Severity:
    """The louder of the two: a severity that was published never falls."""
    return one if other is None or one.rank >= other.rank else other
