"""The calendars: name -> module and class, loaded when used."""

from functools import cache
from importlib import import_module
from typing import cast

from brentwatch.core.errors import SettingsError
from brentwatch.core.sessions.calendar import Calendar, Override, apply_overrides

CALENDARS = {
    "globex": "brentwatch.core.sessions.globex:Globex",
    "ice": "brentwatch.core.sessions.ice:Ice",
    "london": "brentwatch.core.sessions.london:London",
}


@cache
def load(name: str, overrides: tuple[Override, ...] = ()) -> Calendar:
    """The calendar of that name, with its overrides.

    Raises:
        SettingsError: if there is no such calendar.
    """
    if name not in CALENDARS:
        raise SettingsError(f"no calendar is called {name!r}; expected one of {', '.join(CALENDARS)}")
    module, _, attribute = CALENDARS[name].partition(":")
    calendar = cast("Calendar", getattr(import_module(module), attribute)())
    return apply_overrides(calendar, overrides) if overrides else calendar
