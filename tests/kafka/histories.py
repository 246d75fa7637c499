"""A history with everything that goes wrong: unreadable lines, repeats, lower revisions, retractions."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

MANIFEST = """
title = "A synthetic week around the attack on Abqaiq"
source = "Events: made up. Prices: U.S. Energy Information Administration."
licence = "Apache-2.0; prices in the public domain"
start = 2019-09-09
"""


def event(event_id: str, known_at: str, **changes: Any) -> str:
    """One line of events."""
    made = {
        "event_id": event_id,
        "revision": 0,
        "status": "new",
        "occurred": {"start": known_at, "precision": "minute"},
        "known_at": known_at,
        "country": "SAU",
        "event_class": "attack_infrastructure",
        "summary": f"what is told of {event_id}",
        "provenance": {"feed": "desk"},
    }
    return json.dumps(made | changes)


LINES = (
    event("desk:attack", "2019-09-14T00:45:00Z"),
    event("desk:attack", "2019-09-14T00:45:00Z"),  # a repeat
    event("desk:attack", "2019-09-14T08:00:00Z", revision=2, status="update", summary="half the output"),
    event("desk:attack", "2019-09-14T09:00:00Z", revision=1, status="update", summary="overtaken"),
    event("desk:rumour", "2019-09-15T12:00:00Z", country="IRN"),
    '{"event_id": "desk:cut off", ',
    event("desk:rumour", "2019-09-17T09:00:00Z", revision=1, status="retract", country="IRN"),
    event("desk:phantom", "2019-09-17T10:00:00Z", revision=1, status="retract"),  # never seen before
    event("desk:unknown", "2019-09-16T09:00:00Z", country="XKX"),
    event("desk:day", "2019-09-18T00:00:00Z", occurred={"start": "2019-09-18T00:00:00Z", "precision": "day"}),
    event("desk:quarrel", "2019-09-18T01:00:00Z", event_class="quarrel"),
    event("desk:newer", "2019-12-24T12:00:00Z"),  # newer than every price
)
UNREADABLE = 2


def synthetic(folder: Path) -> Path:
    """Write the history into `folder`; it ends a few sessions after the attack."""
    bundled = files("brentwatch.history") / "data" / "abqaiq-2019" / "prices.csv"
    (folder / "prices.csv").write_bytes(bundled.read_bytes())
    (folder / "events.jsonl").write_text("\n".join(LINES) + "\n")
    (folder / "history.toml").write_text(MANIFEST)
    return folder
