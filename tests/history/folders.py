"""Writes small recorded histories for the tests."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

MANIFEST = """
title = "A test"
source = "made up"
licence = "none"
start = 2022-01-04
"""

PRICES = """date,usd_per_bbl
2021-12-30,78.61
2021-12-31,77.24
2022-01-04,79.39
2022-01-05,80.6
2022-01-06,81.99
"""


def event(event_id: str, known_at: str, **changes: Any) -> str:
    document = {
        "event_id": event_id,
        "revision": 0,
        "status": "new",
        "occurred": {"start": known_at, "precision": "minute"},
        "known_at": known_at,
        "country": "KAZ",
        "event_class": "riot",
    }
    return json.dumps(document | changes)


def write(
    folder: Path, *, events: str | bytes = "", prices: str | bytes = PRICES, manifest: str | bytes = MANIFEST
) -> Path:
    for name, content in (("events.jsonl", events), ("prices.csv", prices), ("history.toml", manifest)):
        data = content.encode() if isinstance(content, str) else content
        (folder / name).write_bytes(data)
    return folder
