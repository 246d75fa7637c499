"""The monitor publishes what the fold asks for, and a restored one goes on as if it had never stopped."""

from __future__ import annotations

import io
import json
from datetime import date
from typing import TYPE_CHECKING, Literal

import pytest
from prometheus_client import CollectorRegistry

from brentwatch.core.domain.fold import RULES, PriceUpdate
from brentwatch.core.domain.instrument import BRENT_FRONT, BRENT_SPOT, Bar, settlement
from brentwatch.core.errors import SettingsError
from brentwatch.history.folder import find_history
from brentwatch.history.rules import build_rules
from brentwatch.message.alert_text import compose_text
from brentwatch.monitor import service
from brentwatch.replay.lines import encode_turn
from brentwatch.replay.turns import replay_signals
from brentwatch.settings.composed import Settings
from brentwatch.settings.instruments import InstrumentSettings
from brentwatch.stream.job import Stateful, Unclaimed
from brentwatch.stream.records import Outgoing, Partition, Record
from brentwatch.stream.settings import KafkaSettings
from brentwatch.telemetry.logs import make_logger
from brentwatch.telemetry.metrics import Metrics
from brentwatch.telemetry.settings import TelemetrySettings
from brentwatch.wire.input_faults import InvalidMessage
from brentwatch.wire.published import decode_alert
from brentwatch.wire.timeline import encode_signal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from brentwatch.core.domain.instrument import Instrument

SETTINGS = Settings(
    kafka=KafkaSettings(topic_prefix="demo."),
    instruments={BRENT_SPOT.name: InstrumentSettings.describe(BRENT_SPOT)},
)
PLACE = Partition("demo.impact.timeline", 0)
PARTIAL = " Partial history: the oldest records are missing."


class Monitoring:
    """A monitor of the bundled instrument, and what it counts."""

    def __init__(self, log_level: Literal["warning", "error"] = "error") -> None:
        self.registry = CollectorRegistry()
        log = make_logger(TelemetrySettings(log_level=log_level), service=service.SERVICE)
        self.job = service.job(SETTINGS, Metrics(self.registry, service.SERVICE), log)
        worker = self.job.open(PLACE)
        assert isinstance(worker, Stateful)
        self.worker = worker
        self.kept: dict[bytes, bytes] = {}

    def handle(self, records: Iterable[Record]) -> list[Outgoing]:
        return [out for record in records for out in self.worker.handle(record)]

    def keep(self, place: int) -> dict[bytes, bytes]:
        """What stands on the state topic, once this has been written to it."""
        for out in self.worker.collect_changes(place):
            self.kept.pop(out.key or b"", None)
            if out.value is not None:
                self.kept[out.key or b""] = out.value
        return self.kept

    def counted(self, metric: str, **labels: str) -> float:
        return self.registry.get_sample_value(f"brentwatch_{metric}", labels) or 0.0


@pytest.fixture(scope="module")
def records() -> list[Record]:
    """The timeline of the attack on Abqaiq."""
    values = [encode_signal(signal) for signal in find_history("abqaiq-2019").signals]
    return [Record(partition=PLACE, offset=offset, value=value) for offset, value in enumerate(values)]


@pytest.fixture(scope="module")
def published(records: list[Record]) -> list[Outgoing]:
    return Monitoring().handle(records)


def test_the_names_on_the_broker_have_the_prefix() -> None:
    job = Monitoring().job
    assert (job.topic, job.group) == ("demo.impact.timeline", "brentwatch.demo.monitor")


def test_studies_and_alerts_go_to_their_topics_under_the_instrument(published: list[Outgoing]) -> None:
    assert {out.topic for out in published} == {"demo.impact.studies", "demo.impact.alerts"}
    assert {out.key for out in published} == {b"brent-spot"}


@pytest.mark.parametrize("back", [1, 7, 40], ids=lambda back: f"{back} records before the end")
def test_a_restored_monitor_goes_on_as_if_it_had_never_stopped(
    records: list[Record], published: list[Outgoing], back: int
) -> None:
    whole, cut = Monitoring(), Monitoring()
    place = len(records) - back
    first = whole.handle(records[:place])
    cut.worker.restore(whole.keep(place))
    rest = cut.handle(records[place:])
    assert first + rest == published
    assert rest == whole.handle(records[place:])


def test_a_monitor_that_looks_ahead_in_between_publishes_the_same(
    records: list[Record], published: list[Outgoing]
) -> None:
    looking = Monitoring()
    answers = []
    for record in records:
        looking.worker.idle()
        answers += looking.handle([record])
    assert answers == published


def test_what_is_kept_does_not_depend_on_how_often_it_was(records: list[Record]) -> None:
    once, often = Monitoring(), Monitoring()
    once.handle(records)
    for place, record in enumerate(records, start=1):
        often.handle([record])
        often.keep(place)

    assert often.kept == once.keep(len(records))


@pytest.mark.parametrize("other", [1, RULES + 1])
def test_a_state_of_other_rules_is_taken_up_as_it_is_and_goes_on_by_those_of_today(
    records: list[Record], published: list[Outgoing], capsys: pytest.CaptureFixture[str], other: int
) -> None:
    whole, upgraded = Monitoring(log_level="warning"), Monitoring(log_level="warning")
    place = len(records) - 7
    first = whole.handle(records[:place])
    kept = {
        key: value.replace(f'"rule_number":{RULES}'.encode(), f'"rule_number":{other}'.encode())
        for key, value in whole.keep(place).items()
    }
    assert kept != whole.kept
    capsys.readouterr()

    upgraded.worker.restore(kept)
    (line,) = capsys.readouterr().err.splitlines()
    assert f"the state was decided by rules {other}; that stands, and rules {RULES} hold from here" in line
    assert "brentwatch run monitor --rebuild" in line

    upgraded.kept = kept
    assert first + upgraded.handle(records[place:]) == published
    upgraded.keep(len(records))
    again = Monitoring(log_level="warning")
    again.worker.restore(upgraded.kept)
    assert "rules" not in capsys.readouterr().err


def test_a_recreated_state_is_the_one_that_was_kept(records: list[Record]) -> None:
    kept, again = Monitoring(), Monitoring()
    kept.handle(records)
    place = len(records)
    for record in records:
        again.worker.refold(record)
    stale = {b"event:nobody": b"x", b"cursor": b"y"}
    written = again.worker.recreate(stale, place)

    assert {out.key: out.value for out in written if out.value is not None} == kept.keep(place)
    assert [out.key for out in written if out.value is None] == [b"event:nobody"]


def test_the_offset_that_a_state_has_come_to_is_read_off_its_cursor(records: list[Record]) -> None:
    kept = Monitoring()
    kept.handle(records[:7])
    assert Monitoring().worker.find_saved_place(kept.keep(7)) == 7
    assert Monitoring().worker.find_saved_place({}) is None
    with pytest.raises(SettingsError, match="its cursor cannot be read"):
        Monitoring().worker.find_saved_place({b"cursor": b"[]"})


def test_a_state_that_lost_a_value_is_refused(records: list[Record]) -> None:
    """As where the topic was deleted and created again while the monitor ran: only new changes are there."""
    whole = Monitoring()
    whole.handle(records)
    kept = whole.keep(len(records))
    missing = f"holds {len(kept) - 2:,} values of the state, and expected"
    for lost in (b"meta", next(key for key in kept if key.startswith(b"bar:"))):
        rest = {key: value for key, value in kept.items() if key != lost}
        with pytest.raises(SettingsError, match=missing):
            Monitoring().worker.restore(rest)


def test_a_state_with_a_value_that_was_deleted_is_refused(records: list[Record]) -> None:
    """As where the topic lost a deletion: what was let go would come back."""
    whole = Monitoring()
    whole.handle(records)
    kept = whole.keep(len(records))
    bar = next(key for key in kept if key.startswith(b"bar:"))

    with pytest.raises(SettingsError, match=f"holds {len(kept):,} values of the state, and expected are"):
        Monitoring().worker.restore(kept | {b"bar:1999-01-04": kept[bar]})


def test_a_strangers_record_on_the_state_topic_is_passed_over(records: list[Record]) -> None:
    whole, again = Monitoring(), Monitoring()
    whole.handle(records)
    again.worker.restore(whole.keep(len(records)) | {b"stranger": b"not of ours"})

    assert again.keep(len(records)).keys() == {b"cursor"}


def test_a_state_of_a_version_that_did_not_count_its_values_is_taken_up(records: list[Record]) -> None:
    older, again = Monitoring(), Monitoring()
    older.handle(records)
    kept = older.keep(len(records)) | {b"cursor": b'{"offset": %d}' % len(records)}
    again.worker.restore(kept)
    assert {key: value for key, value in again.keep(len(records)).items() if key != b"cursor"} == {}


def test_every_alert_is_published_with_its_words_and_a_replay_says_the_same(
    published: list[Outgoing],
) -> None:
    alerts = [out.value or b"" for out in published if out.topic == "demo.impact.alerts"]
    signals = find_history("abqaiq-2019").signals
    replayed = [
        line for turn in replay_signals(build_rules(BRENT_SPOT), signals) for line in encode_turn(turn)
    ]

    assert len(alerts) == 3
    for document in alerts:
        words = decode_alert(document)
        assert words.text == compose_text(words.alert)
    assert [b'{"kind":"alert",' + document[1:] for document in alerts] == [
        line for line in replayed if line.startswith(b'{"kind":"alert"')
    ]


def test_without_its_oldest_records_every_result_is_flagged_also_after_a_restore(
    records: list[Record], published: list[Outgoing]
) -> None:
    partial, restored = Monitoring(), Monitoring()
    partial.worker.mark_partial()
    half = len(records) - 40
    first = partial.handle(records[:half])
    restored.worker.restore(partial.keep(half))
    last = restored.handle(records[half:])

    flagged = [json.loads(out.value or b"") for out in (*first, *last)]
    assert {document["flags"].pop(0) for document in flagged} == {"partial_history"}
    words = [document["text"] for document in flagged if "text" in document]
    assert words
    assert all(each["card"].endswith(PARTIAL) for each in words)
    for each in words:
        each["card"] = each["card"].removesuffix(PARTIAL)
    assert flagged == [json.loads(out.value or b"") for out in published]


def test_a_state_of_a_newer_version_stops_and_says_what_to_do() -> None:
    kept = {b"cursor": b'{"offset": 7}', b"meta": b'{"version": 7, "value": {}}'}
    with pytest.raises(SettingsError, match=r"written in version 7 by a newer brentwatch, .* reads up to 6"):
        Monitoring().worker.restore(kept)


def test_a_restore_counts_nothing_again_but_knows_the_newest_price(records: list[Record]) -> None:
    kept, monitoring = Monitoring(), Monitoring()
    kept.handle(records)
    monitoring.worker.restore(kept.keep(len(records)))
    for outcome in ("new", "warmup"):
        assert monitoring.counted("price_bars_total", instrument="brent-spot", outcome=outcome) == 0
    assert monitoring.counted("price_last_bar_timestamp_seconds", instrument="brent-spot") > 1.5e9


def test_a_record_that_cannot_be_read_leaves_the_state_as_it_was(
    records: list[Record], published: list[Outgoing]
) -> None:
    monitoring = Monitoring()
    first = monitoring.handle(records[:-7])
    with pytest.raises(InvalidMessage):
        monitoring.handle([Record(partition=PLACE, offset=0, value=b'{"kind": "rumour"}')])
    assert first + monitoring.handle(records[-7:]) == published


class OnFront:
    """Settings whose one instrument is the front month."""

    kafka = SETTINGS.kafka

    def list_instruments(self) -> tuple[Instrument, ...]:
        return (BRENT_FRONT,)


def test_a_roll_correction_is_logged_and_nothing_is_published() -> None:
    stream = io.StringIO()
    log = make_logger(TelemetrySettings(log_format="json"), service=service.SERVICE, stream=stream)
    place = Partition("demo.impact.timeline", BRENT_FRONT.partition)
    worker = service.job(OnFront(), Metrics(CollectorRegistry(), service.SERVICE), log).open(place)
    assert isinstance(worker, Stateful)
    days = [
        date(2024, 1, 30),
        date(2024, 1, 31),
        date(2024, 2, 1),
        date(2024, 2, 2),
    ]  # one expired on the 31st
    told = list[Outgoing]()
    for offset, (day, close) in enumerate([*((day, 80.0) for day in days), (days[2], 84.0)]):
        settled = settlement(BRENT_FRONT, day)
        through = max(settled, settlement(BRENT_FRONT, days[-1])) if offset == len(days) else settled
        made = PriceUpdate(
            series=BRENT_FRONT.series,
            bars=(Bar(session=day, closes_at=settled, close=close),),
            complete_through=through,
            known_at=through,
            warmup=False,
        )
        told = list(worker.handle(Record(partition=place, offset=offset, value=encode_signal(made))))

    assert told == []
    line = json.loads(stream.getvalue().splitlines()[-1])
    assert line["event"] == "roll correction: nothing is tested again"
    assert (line["level"], line["session"], line["close"]) == ("info", "2024-02-01", 84.0)


def test_a_partition_without_an_instrument_is_left_alone() -> None:
    assert Monitoring().job.open(Partition("demo.impact.timeline", 1)) == Unclaimed()
