"""brentwatch watches unrest and reports whether the price of Brent crude moved abnormally after it.

`impact` tests the price after your own events against the forecast of the day before, as the monitor does;
`event_study` is the classical event study. Both work on bundled prices or on yours.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from brentwatch.core.errors import BrentwatchError, InvalidInput
    from brentwatch.notebook.bundled import bundled_events, bundled_prices
    from brentwatch.notebook.calibration import session_tests, sizes
    from brentwatch.notebook.event_study import event_study
    from brentwatch.notebook.given_prices import PricesWarning
    from brentwatch.notebook.impact import impact
    from brentwatch.notebook.impact_results import ImpactResults
    from brentwatch.notebook.pooled_results import PooledResults
    from brentwatch.notebook.study_results import EventStudyResults

__version__ = "0.2.0"
__all__ = [
    "BrentwatchError",
    "EventStudyResults",
    "ImpactResults",
    "InvalidInput",
    "PooledResults",
    "PricesWarning",
    "__version__",
    "bundled_events",
    "bundled_prices",
    "event_study",
    "impact",
    "session_tests",
    "sizes",
]

_MODULES = {
    "BrentwatchError": "core.errors",
    "EventStudyResults": "notebook.study_results",
    "ImpactResults": "notebook.impact_results",
    "InvalidInput": "core.errors",
    "PooledResults": "notebook.pooled_results",
    "PricesWarning": "notebook.given_prices",
    "bundled_events": "notebook.bundled",
    "bundled_prices": "notebook.bundled",
    "event_study": "notebook.event_study",
    "impact": "notebook.impact",
    "session_tests": "notebook.calibration",
    "sizes": "notebook.calibration",
}
"""Loaded when they are used: the command line must not wait for pandas."""


def __getattr__(name: str) -> object:
    if name not in _MODULES:
        raise AttributeError(f"module 'brentwatch' has no attribute {name!r}; it has {', '.join(_MODULES)}")
    return getattr(import_module(f"brentwatch.{_MODULES[name]}"), name)


def __dir__() -> list[str]:
    return list(__all__)
