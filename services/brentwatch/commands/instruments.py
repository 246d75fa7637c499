"""Which instrument a command is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from brentwatch.core.errors import SettingsError

if TYPE_CHECKING:
    from brentwatch.core.instruments import Instrument
    from brentwatch.settings.composed import Settings


def chosen(settings: Settings, name: str | None) -> Instrument:
    """The instrument of that name; without a name the one with the lowest partition.

    Raises:
        SettingsError: if the settings have no such instrument.
    """
    known = {instrument.name: instrument for instrument in settings.tested()}
    if name is None:
        return settings.tested()[0]
    if name not in known:
        raise SettingsError(
            f"no instrument is called {name!r}; one of {', '.join(known)} was wanted: name one of them, "
            f"or add [instruments.{name}] to the settings"
        )
    return known[name]
