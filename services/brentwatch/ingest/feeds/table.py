"""The feeds by name, imported when used.

Each is made by `open_feed(settings, beat)` from the section of `[ingest]` with its name.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from brentwatch.ingest.feeds.deliveries import Feed

FEEDS = {
    "gdelt": "brentwatch.ingest.feeds.gdelt:open_feed",
    "acled": "brentwatch.ingest.feeds.acled:open_feed",
    "ucdp": "brentwatch.ingest.feeds.ucdp:open_feed",
    "file": "brentwatch.ingest.feeds.file:open_feed",
}


def open_feed(name: str, settings: object, beat: Callable[[], object] = lambda: None) -> Feed:
    """The feed of that name; `beat` is called while it waits for a long answer.

    Raises:
        SettingsError: if its settings are unusable.
    """
    module, _, attribute = FEEDS[name].partition(":")
    feed: Feed = getattr(import_module(module), attribute)(settings, beat)
    return feed
