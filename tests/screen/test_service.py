"""The screen writes an admitted event to every instrument, and counts what becomes of each message."""

from __future__ import annotations

from typing import Literal

import pytest
from prometheus_client import CollectorRegistry
from tests.screen.messages import message

from brentwatch.core.domain import BRENT_SPOT
from brentwatch.core.errors import SettingsError
from brentwatch.screen import service
from brentwatch.screen.settings import ScreenSettings, SourcesSettings
from brentwatch.settings.composed import Settings
from brentwatch.settings.instruments import InstrumentSettings
from brentwatch.stream import HISTORY, Headers, KafkaSettings, Partition, Record, Stateless
from brentwatch.stream.dead_limit import Limits
from brentwatch.telemetry.health import Health, Telemetry
from brentwatch.telemetry.logs import make_logger
from brentwatch.telemetry.metrics import Metrics
from brentwatch.telemetry.settings import TelemetrySettings
from brentwatch.wire.input_faults import InvalidMessage
from brentwatch.wire.timeline import decode_record, decode_signal
from brentwatch.wire.timeline_record import EventAdmittedRecord

SPOT = InstrumentSettings.describe(BRENT_SPOT)
INSTRUMENTS = {"brent-spot": SPOT, "other": SPOT.model_copy(update={"partition": 3})}


class Screening:
    """A screen and what it counts."""

    def __init__(
        self,
        countries: dict[str, tuple[str, ...]] | None = None,
        *,
        prefix: str = "demo.",
        sources: dict[str, list[str]] | None = None,
        own_feeds: tuple[str, ...] = (),
        level: Literal["error", "warning"] = "error",
        **minimum_exposure: float,
    ) -> None:
        self._registry = CollectorRegistry()
        self.job = service.prepare(
            Settings(
                kafka=KafkaSettings(topic_prefix=prefix),
                screen=ScreenSettings(
                    minimum_exposure=minimum_exposure,
                    countries=countries or {},
                    own_feeds=own_feeds,
                    sources=SourcesSettings.model_validate(sources or {}),
                ),
                instruments=INSTRUMENTS,
            ),
            Telemetry(
                Metrics(self._registry, service.SERVICE),
                Health(40.0),
                make_logger(TelemetrySettings(log_level=level), service=service.SERVICE),
            ),
        )
        worker = self.job.open(Partition(self.job.topic, 0))
        assert isinstance(worker, Stateless)
        self._handle = worker.handle

    def handle(
        self, value: bytes, headers: Headers = ()
    ) -> list[tuple[str, int | None, bytes | None, bytes]]:
        """Where an answer goes, its key, and its value."""
        record = Record(partition=Partition(self.job.topic, 0), offset=0, value=value, headers=headers)
        return [(out.topic, out.partition, out.key, out.value or b"") for out in self._handle(record)]

    def read_age(self) -> tuple[float | None, float]:
        """How many events were timed, and the seconds of all of them."""
        count, total = (
            self._registry.get_sample_value(f"brentwatch_event_age_seconds_{end}") for end in ("count", "sum")
        )
        return count, total or 0.0

    def counted(self, outcome: str) -> float | None:
        return self._registry.get_sample_value("brentwatch_events_consumed_total", {"outcome": outcome})


def test_the_names_on_the_broker_have_the_prefix() -> None:
    job = Screening().job
    assert (job.topic, job.dead_topic) == ("demo.unrest.events", "demo.unrest.events.dead")
    assert job.group == "brentwatch.demo.screen"


def test_the_screen_has_a_dead_letter_limit() -> None:
    assert Screening().job.dead_limit == Limits(ratio=0.1, over=100, consecutive=20, action="continue")


def test_an_admitted_event_goes_to_the_partition_of_every_instrument() -> None:
    screening = Screening()
    answers = screening.handle(message())
    assert [answer[:3] for answer in answers] == [
        ("demo.impact.timeline", 0, b"desk:1"),
        ("demo.impact.timeline", 3, b"desk:1"),
    ]
    assert screening.counted("accepted") == 1
    count, seconds = screening.read_age()
    assert count == 1
    assert seconds > 1e6, "it is known since long"


def test_what_stands_on_the_timeline_holds_the_whole_document_and_the_exposure() -> None:
    value = Screening().handle(message(summary="unrest", intensity={"participants": 7}))[0][3]
    record = decode_record(value)
    assert isinstance(record, EventAdmittedRecord)
    assert record.event.intensity is not None
    assert record.event.intensity.participants == 7
    assert record.exposure is not None
    assert record.exposure.country == "KAZ"
    assert decode_signal(value).known_at.isoformat() == "2022-01-05T10:10:00+00:00"


def test_a_filtered_event_leads_to_nothing_but_a_count() -> None:
    screening = Screening(desk=0.3)
    assert screening.handle(message(country="TJK")) == []
    assert (screening.counted("filtered"), screening.counted("accepted")) == (1, 0)


def test_an_unreadable_message_is_counted_and_handed_to_the_dead_letters() -> None:
    screening = Screening()
    with pytest.raises(InvalidMessage):
        screening.handle(b"{")
    assert screening.counted("invalid") == 1


@pytest.mark.attack
def test_an_event_of_2098_is_refused_and_counted_before_it_reaches_the_timeline() -> None:
    screening = Screening()
    with pytest.raises(InvalidMessage) as caught:
        screening.handle(message(known_at="2098-01-05T10:10:00Z"))
    assert caught.value.reason == "future"
    assert screening.counted("invalid") == 1
    assert screening.counted("accepted") == 0


def test_an_instrument_is_given_the_events_of_its_countries_alone() -> None:
    screening = Screening(countries={"other": ("RUS", "TJK")})
    assert [answer[1] for answer in screening.handle(message())] == [0]
    assert [answer[1] for answer in screening.handle(message(extra_countries=["TJK"]))] == [0, 3]


def test_an_instrument_that_there_is_not_stops_the_screen() -> None:
    with pytest.raises(SettingsError, match=r"screen\.countries names urals; expected some of brent-spot, o"):
        Screening(countries={"urals": ("RUS",)})


QUIET = {"country": "TJK", "event_class": "protest"}


@pytest.mark.attack
def test_a_history_may_be_played_into_a_trial_and_not_into_an_installation_without_a_prefix() -> None:
    gdelt = message(**QUIET, provenance={"feed": "gdelt"})
    header = ((HISTORY, b"vorukh-2021"),)

    assert len(Screening().handle(gdelt, header)) == 2
    assert Screening(prefix="").handle(gdelt, header) == []
    assert len(Screening(prefix="", sources={"history": ["gdelt"]}).handle(gdelt, header)) == 2
    assert Screening(sources={"history": []}).handle(gdelt, header) == []


@pytest.mark.attack
def test_a_made_up_feed_is_filtered_counted_and_told_once(capsys: pytest.CaptureFixture[str]) -> None:
    screening = Screening(level="warning")
    made_up = message(**QUIET, provenance={"feed": "made-up"})

    assert [screening.handle(made_up) for _ in range(3)] == [[], [], []]
    assert screening.counted("filtered") == 3
    assert capsys.readouterr().err.count("screen.sources.own") == 1


def test_the_feeds_of_the_product_and_of_ones_own_producers_are_allowed() -> None:
    own = Screening(own_feeds=("newswire",), sources={"own": ["file", "/desk"]})

    assert len(own.handle(message(**QUIET, provenance={"feed": "newswire"}))) == 2
    assert len(Screening().handle(message(**QUIET, provenance={"feed": "file"}))) == 2


def test_feeds_of_thousands_are_sieved_unless_told_otherwise() -> None:
    assert Screening().handle(message(country="TJK", provenance={"feed": "gdelt"})) == []
    assert ScreenSettings.model_validate({"minimum_relevance": {"gdelt": 0}}).minimum_relevance == {
        "gdelt": 0,
        "acled": 0.3,
        "ucdp": 0.3,
    }
