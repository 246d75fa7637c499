"""A canary is forwarded to each instrument and is no event; a bad one is counted and does no harm."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import TYPE_CHECKING

import pytest
from prometheus_client import CollectorRegistry
from tests.screen.messages import message
from tests.screen.test_service import INSTRUMENTS

from brentwatch.core.domain import Canary
from brentwatch.screen import service
from brentwatch.screen.settings import ScreenSettings
from brentwatch.settings.composed import Settings
from brentwatch.stream import CANARY, Headers, Outgoing, Partition, Record, Stateless
from brentwatch.telemetry.health import Health, Telemetry
from brentwatch.telemetry.logs import make_logger
from brentwatch.telemetry.metrics import Metrics
from brentwatch.telemetry.settings import TelemetrySettings
from brentwatch.wire.input_faults import InvalidMessage
from brentwatch.wire.timeline import decode_signal, encode_signal

if TYPE_CHECKING:
    from collections.abc import Sequence

SENT = datetime(2022, 1, 5, 12, tzinfo=UTC)
MARK: Headers = ((CANARY, b"1"),)
GOOD = encode_signal(Canary(canary_id="canary:1", known_at=SENT))


class Screening:
    """A screen with two instruments, one of which is given events of Russia alone."""

    def __init__(self) -> None:
        self.registry, self.said = CollectorRegistry(), StringIO()
        log = make_logger(TelemetrySettings(log_format="json"), service=service.SERVICE, stream=self.said)
        settings = Settings(screen=ScreenSettings(countries={"other": ("RUS",)}), instruments=INSTRUMENTS)
        metrics = Metrics(self.registry, service.SERVICE)
        worker = service.prepare(settings, Telemetry(metrics, Health(40.0), log)).open(
            Partition("unrest.events", 0)
        )
        assert isinstance(worker, Stateless)
        self._handle = worker.handle

    def handle(
        self,
        value: bytes | None = GOOD,
        headers: Headers = MARK,
        *,
        after: timedelta = timedelta(),
        partition: int = 0,
    ) -> Sequence[Outgoing]:
        """Answers a record that was written so long after the canary was sent."""
        written = int(1000 * (SENT + after).timestamp())
        place = Partition("unrest.events", partition)
        return self._handle(
            Record(
                partition=place,
                offset=7,
                value=value,
                headers=headers,
                timestamp=written,
                is_append_time=True,
            )
        )

    def screened(self, outcome: str) -> float | None:
        return self.registry.get_sample_value("brentwatch_canaries_screened_total", {"outcome": outcome})

    def count_events(self) -> float:
        """What was counted of events, of whatever outcome."""
        names = ("brentwatch_events_consumed_total", "brentwatch_event_age_seconds_count")
        every = [sample for family in self.registry.collect() for sample in family.samples]
        return sum(sample.value for sample in every if sample.name in names)


def test_a_canary_goes_to_every_instrument_whatever_its_countries_and_is_no_event() -> None:
    screening = Screening()
    answers = screening.handle()
    assert [(each.topic, each.partition, each.key) for each in answers] == [
        ("impact.timeline", 0, b"canary:1"),
        ("impact.timeline", 3, b"canary:1"),
    ]
    assert {decode_signal(each.value or b"") for each in answers} == {
        Canary(canary_id="canary:1", known_at=SENT)
    }
    assert screening.screened("forwarded") == 1
    assert screening.count_events() == 0


@pytest.mark.attack
@pytest.mark.parametrize("value", [None, b"", b"{", b"[]", message(), GOOD.replace(b"canary:1", b"")])
def test_what_is_marked_and_is_no_canary_is_counted_and_neither_an_event_nor_a_letter(
    value: bytes | None,
) -> None:
    screening = Screening()
    assert [list(screening.handle(value)) for _ in range(3)] == [[], [], []]
    assert screening.screened("unreadable") == 3
    assert screening.count_events() == 0
    assert screening.said.getvalue().count("canary refused") == 1


@pytest.mark.attack
@pytest.mark.parametrize(("minutes", "outcome"), [(-11, "wrong_time"), (11, "wrong_time"), (9, "forwarded")])
def test_a_canary_that_names_another_time_than_the_broker_is_refused(minutes: int, outcome: str) -> None:
    screening = Screening()
    assert bool(screening.handle(after=timedelta(minutes=minutes))) is (outcome == "forwarded")
    assert screening.screened(outcome) == 1


@pytest.mark.attack
def test_a_flood_of_canaries_leaves_fifteen_in_ten_minutes_on_a_partition() -> None:
    screening = Screening()
    passed = [bool(screening.handle(after=timedelta(seconds=second))) for second in range(100)]
    assert passed == [True] * 15 + [False] * 85
    assert screening.screened("too_many") == 85
    assert screening.handle(partition=1)
    assert screening.handle(after=timedelta(minutes=10))
    assert not screening.handle(after=timedelta(minutes=10))


@pytest.mark.attack
def test_without_the_mark_in_its_place_a_canary_is_a_message_that_cannot_be_read() -> None:
    screening = Screening()
    for headers in ((), (("other", b"1"), *MARK)):
        with pytest.raises(InvalidMessage):
            screening.handle(GOOD, headers)
    assert screening.screened("forwarded") == 0


def test_an_event_is_an_event_whatever_other_headers_it_has() -> None:
    assert len(Screening().handle(message(), (("trace", b"1"),))) == 1
