"""The calendars: name -> where it lives, loaded when used."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

from brentwatch.core.errors import SettingsError

if TYPE_CHECKING:
    from datetime import date

CALENDARS = {
    "london": "brentwatch.core.sessions.london:London",
}


class Calendar(Protocol):
    """The sessions that are expected. Which session really was, the prices say."""

    def on_or_after(self, day: date) -> date:
        """The first expected session on or after `day`."""


@cache
def load(name: str) -> Calendar:
    """The calendar of that name.

    Raises:
        SettingsError: if there is no such calendar.
    """
    if name not in CALENDARS:
        raise SettingsError(f"no calendar is called {name!r}: choose one of {', '.join(CALENDARS)}")
    module, _, attribute = CALENDARS[name].partition(":")
    return cast("Calendar", getattr(import_module(module), attribute)())
