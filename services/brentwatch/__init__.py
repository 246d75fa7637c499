"""Watches unrest, and tells oil traders whether Brent crude moved abnormally after it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from brentwatch.notebook import bundled_prices, event_study, session_tests, sizes

__version__ = "0.1.0"
__all__ = ["__version__", "bundled_prices", "event_study", "session_tests", "sizes"]


def __getattr__(name: str) -> object:
    """What a notebook imports, loaded when it is asked for: the command line must not wait for pandas."""
    if name.startswith("_") or name not in __all__:
        raise AttributeError(f"module 'brentwatch' has no attribute {name!r}; it has {', '.join(__all__)}")
    from brentwatch import notebook

    return getattr(notebook, name)
