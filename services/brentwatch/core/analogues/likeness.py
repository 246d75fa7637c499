"""How alike two events are, and what a past event therefore counts.

Theory. An event is compared in four parts, each a distance from 0 to 1:

* class: 0 if it is the same, 0.5 for another class of the same group (`CLASS_GROUPS`), otherwise 1;
* exposure: the difference of the two; 0.5 if one is unknown, since unknown is not zero;
* country: 0 if it is the same, otherwise 1;
* intensity: the difference of the deaths on a logarithmic scale, if both events report any number; otherwise
  the difference of the relevance to oil, which contains the nearness to oil assets.

The distance is their weighted sum (`PARTS`). A past event within `REACH` is an analogue. Its weight is
1 - (distance / REACH)**2, the Epanechnikov kernel, and halves with every `HALF_LIFE` of its age: markets
change. The numbers were chosen before any result was looked at, and are not fitted.
"""

from collections.abc import Mapping
from datetime import timedelta
from math import log1p

from brentwatch.core.domain import CLASS_GROUPS, PastEvent

PARTS: Mapping[str, float] = {"class": 0.4, "exposure": 0.25, "country": 0.15, "intensity": 0.2}
"""The weights of the parts; they add up to 1."""

REACH = 0.5
HALF_LIFE = timedelta(days=3_652.5)
"""Ten years."""

_NONE = timedelta(0)
_UNKNOWN = 0.5
_MANY_DEATHS = 1_000
"""The difference between this many deaths and none is 1."""


def measure_distance(past: PastEvent, now: PastEvent) -> float:
    """How far `past` is from `now`, 0 to 1."""
    return (
        PARTS["class"] * _measure_class(past, now)
        + PARTS["exposure"] * _measure_exposure(past, now)
        + PARTS["country"] * (past.country != now.country)
        + PARTS["intensity"] * _measure_intensity(past, now)
    )


def weigh_analogue(distance: float, age: timedelta) -> float:
    """What a past event at this distance and of this age counts, 0 to 1; 0 from `REACH` on."""
    near = max(0.0, 1.0 - (distance / REACH) ** 2)
    return float(near * 0.5 ** (max(age, _NONE) / HALF_LIFE))


def explain_distance(past: PastEvent, now: PastEvent) -> str:
    """The parts in words, figures of the past event first: "same class, exposure 0.90 against 0.80, …"."""
    return ", ".join(
        (
            _explain_class(past, now),
            _explain_exposure(past, now),
            "same country" if past.country == now.country else "other country",
            _explain_intensity(past, now),
        )
    )


def _measure_class(past: PastEvent, now: PastEvent) -> float:
    if past.event_class is now.event_class:
        return 0.0
    return 0.5 if CLASS_GROUPS[past.event_class] is CLASS_GROUPS[now.event_class] else 1.0


def _explain_class(past: PastEvent, now: PastEvent) -> str:
    if past.event_class is now.event_class:
        return "same class"
    group = CLASS_GROUPS[past.event_class]
    return f"same group ({group})" if group is CLASS_GROUPS[now.event_class] else "other class"


def _measure_exposure(past: PastEvent, now: PastEvent) -> float:
    if past.exposure is None or now.exposure is None:
        return _UNKNOWN
    return abs(past.exposure - now.exposure)


def _explain_exposure(past: PastEvent, now: PastEvent) -> str:
    if past.exposure is None or now.exposure is None:
        return "exposure unknown"
    return f"exposure {past.exposure:.2f} against {now.exposure:.2f}"


def _measure_intensity(past: PastEvent, now: PastEvent) -> float:
    if past.fatalities is None or now.fatalities is None:
        return abs(past.relevance - now.relevance)
    more = abs(log1p(past.fatalities) - log1p(now.fatalities))
    return min(1.0, more / log1p(_MANY_DEATHS))


def _explain_intensity(past: PastEvent, now: PastEvent) -> str:
    if past.fatalities is None or now.fatalities is None:
        return f"relevance {past.relevance:.2f} against {now.relevance:.2f}"
    return f"deaths {past.fatalities:,} against {now.fatalities:,}"
