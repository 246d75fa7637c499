"""Deliveries are handed over in their order, whatever room a sender has; the clock goes on evenly."""

from datetime import UTC, datetime, timedelta

import pytest
from prometheus_client import CollectorRegistry
from tests.notify.desk import make_policies
from tests.notify.memory import MemoryChannel
from tests.notify.test_senders import LOG, pend

from brentwatch.notify.dispatch import Dispatcher
from brentwatch.notify.pacing import BrokerClock
from brentwatch.notify.service import SERVICE
from brentwatch.telemetry.metrics import Metrics


def test_what_follows_a_delivery_without_room_waits_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    """Room may come at any moment: a newer revision would overtake the older one, and supersede it."""
    metrics = Metrics(CollectorRegistry(), SERVICE)
    channels = {"chat": MemoryChannel()}
    routes = make_policies().routes
    dispatcher = Dispatcher(routes, channels, lambda *_: None, metrics, LOG, replica="one")
    rooms, submitted = iter([True, False, True]), list[str]()

    def submit(name: str, *_: object) -> bool:
        submitted.append(name)
        return next(rooms)

    monkeypatch.setattr(dispatcher.senders["chat"], "submit", submit)
    left = dispatcher.hand_over({name: pend() for name in "abc"}, is_restored=False)
    assert (submitted, left) == (["a", "b"], {"b", "c"})


NOON = datetime(2022, 1, 5, 12, tzinfo=UTC)


class Times:
    """A clock that goes on evenly, and that of the wall."""

    def __init__(self, wall: datetime) -> None:
        self.even, self.wall = 1000.0, wall.timestamp()
        self.clock = BrokerClock(lambda: self.even, lambda: self.wall)


def test_a_jump_of_the_wall_clock_moves_nothing() -> None:
    times = Times(NOON)
    times.wall += 7 * 3600
    times.even += 5
    assert times.clock.now() == NOON + timedelta(seconds=5)


def test_append_times_put_the_clock_right() -> None:
    slow, fast = Times(NOON - timedelta(hours=7)), Times(NOON + timedelta(hours=7))
    slow.clock.note(NOON)
    assert slow.clock.now() == NOON
    fast.clock.note(NOON)
    assert fast.clock.now() > NOON, "an old record says nothing"
    fast.clock.compare(NOON, fast.clock.now())
    assert fast.clock.now() == NOON
