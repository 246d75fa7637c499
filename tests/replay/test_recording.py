"""A replay of the timeline passes canaries over: what it says is what it says without them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.monitor.test_canaries import HISTORIES, add_canaries, as_records

from brentwatch.core.domain import BRENT_SPOT
from brentwatch.replay import recording
from brentwatch.replay.recording import Recording, read_admitted, read_timeline
from brentwatch.stream import KafkaSettings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from brentwatch.core.domain import Signal

SIGNALS = HISTORIES["libya-2011"]


def read(
    signals: Sequence[Signal], monkeypatch: pytest.MonkeyPatch, closed_at: int | None = None
) -> Recording:
    """The recording of a timeline that holds these, and whose state was closed at an offset."""
    stand_for(signals, monkeypatch)
    monkeypatch.setattr(recording, "_find_closed_at", lambda *_: closed_at)
    return read_timeline(KafkaSettings(), BRENT_SPOT)


def stand_for(signals: Sequence[Signal], monkeypatch: pytest.MonkeyPatch) -> None:
    records = as_records(signals)
    monkeypatch.setattr("brentwatch.stream.read_bounds", lambda *_: (0, len(records)))
    monkeypatch.setattr("brentwatch.stream.read_partition", lambda *_: iter(records))
    monkeypatch.setattr("brentwatch.stream.dead_letters.voids.read_voids", lambda *_: {})


def test_the_signals_are_those_without_canaries_and_how_many_they_were_is_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mixed = add_canaries(SIGNALS, 1, 0.4)
    found = read(mixed, monkeypatch)

    assert tuple(found.signals) == SIGNALS
    assert found.notes == (
        f"{len(SIGNALS):,} signals",
        f"{len(mixed) - len(SIGNALS):,} records are canaries (test messages)",
    )


def test_where_the_rules_changed_is_counted_in_signals_and_not_in_canaries(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mixed = add_canaries(SIGNALS, 1, 0.4)
    at = mixed.index(SIGNALS[700])

    assert at > 700
    assert read(mixed, monkeypatch, closed_at=at).closed_after == 700


def test_the_listed_events_are_those_without_canaries(monkeypatch: pytest.MonkeyPatch) -> None:
    stand_for(SIGNALS, monkeypatch)
    without = read_admitted(KafkaSettings(), BRENT_SPOT)
    stand_for(add_canaries(SIGNALS, 1, 0.4), monkeypatch)

    assert read_admitted(KafkaSettings(), BRENT_SPOT) == without != []
