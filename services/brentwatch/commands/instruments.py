"""Which instrument a command is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from brentwatch.core.domain.instruments import KNOWN
from brentwatch.core.errors import SettingsError

if TYPE_CHECKING:
    from brentwatch.core.domain.instruments import Instrument
    from brentwatch.settings.composed import Settings


def choose_instrument(settings: Settings, name: str | None) -> Instrument:
    """The instrument of that name; without a name the one with the lowest partition.

    Raises:
        SettingsError: if the settings have no such instrument.
    """
    known = {instrument.name: instrument for instrument in settings.list_instruments()}
    if name is None:
        return settings.list_instruments()[0]
    if name not in known:
        raise SettingsError(
            f"no instrument is called {name!r}; one of {', '.join(known)} was wanted: name one of them, "
            f"or add [instruments.{name}] to the settings"
        )
    return known[name]


def choose_live_instrument(settings: Settings, name: str | None) -> Instrument:
    """The instrument of that name; without a name the first that opens alerts, or the first.

    Raises:
        SettingsError: if the settings have no such instrument.
    """
    alerting = next((each.name for each in settings.list_instruments() if each.alerts), None)
    return choose_instrument(settings, name or alerting)


def choose_for_history(history: str, settings: Settings, name: str | None) -> Instrument:
    """The instrument of that name; without a name the one that the history asks for, or the first.

    Those that every installation knows need no settings: a history is played anywhere.

    Raises:
        InvalidInput: if there is no such history, or it cannot be read.
        SettingsError: if the settings have no such instrument.
    """
    from brentwatch.history.folder import read_instrument_name

    return choose_known_instrument(settings, name or read_instrument_name(history))


def choose_known_instrument(settings: Settings, name: str | None) -> Instrument:
    """As `chosen`; an instrument that every installation knows needs no settings.

    Raises:
        SettingsError: if there is no such instrument.
    """
    has_it = name is None or any(each.name == name for each in settings.list_instruments())
    return choose_instrument(settings, name) if has_it or name not in KNOWN else KNOWN[name]
