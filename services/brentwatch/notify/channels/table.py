"""The channels by name, imported when they are used.

Each is made by `open_channel(settings)` from the section of `[notify]` that has its name.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from brentwatch.notify.messages import Channel

CHANNELS = {
    "terminal": "brentwatch.notify.channels.terminal:open_channel",
    "jsonl": "brentwatch.notify.channels.jsonl:open_channel",
    "email": "brentwatch.notify.channels.email:open_channel",
    "webhook": "brentwatch.notify.channels.webhook:open_channel",
    "slack": "brentwatch.notify.channels.slack:open_channel",
    "teams": "brentwatch.notify.channels.teams:open_channel",
    "telegram": "brentwatch.notify.channels.telegram:open_channel",
    "pagerduty": "brentwatch.notify.channels.pagerduty:open_channel",
    "ntfy": "brentwatch.notify.channels.ntfy:open_channel",
    "symphony": "brentwatch.notify.channels.symphony:open_channel",
    "apprise": "brentwatch.notify.channels.apprise:open_channel",
}


def open_channel(name: str, settings: object) -> Channel:
    """The channel of that name.

    Raises:
        SettingsError: if its settings cannot work.
    """
    module, _, attribute = CHANNELS[name].partition(":")
    channel: Channel = getattr(import_module(module), attribute)(settings)
    return channel
