"""The channels by name, imported when they are used.

Each is made by `open_channel(settings)` from the section of `[notify]` that has its name, or from None.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Protocol

from brentwatch.core.domain import Alert

if TYPE_CHECKING:
    from brentwatch.wire.published import AlertText

CHANNELS = {
    "terminal": "brentwatch.notify.channels.terminal:open_channel",
    "jsonl": "brentwatch.notify.channels.jsonl:open_channel",
}


class Channel(Protocol):
    """A way to the people who wait for alerts."""

    def send(self, alert: Alert, text: AlertText) -> None:
        """Deliver one revision of an alert in the words of `text`; when this returns it has left for good.

        Raises:
            Unavailable: if it could not be delivered, and nothing of it was.
        """


def open_channel(name: str, settings: object) -> Channel:
    """The channel of that name.

    Raises:
        SettingsError: if its settings cannot work.
    """
    module, _, attribute = CHANNELS[name].partition(":")
    channel: Channel = getattr(import_module(module), attribute)(settings)
    return channel
