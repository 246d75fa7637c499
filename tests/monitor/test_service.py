"""The monitor publishes what the fold asks for, and a restored one goes on as if it had never stopped."""

from __future__ import annotations

import base64
import gzip
import io
import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pytest
from prometheus_client import CollectorRegistry

from brentwatch.core.domain import (
    BRENT_FRONT,
    BRENT_SPOT,
    RULES,
    Bar,
    EventAdmitted,
    PriceUpdate,
    Stage,
    Status,
)
from brentwatch.core.errors import NewerState, SettingsError
from brentwatch.history.folder import find_history
from brentwatch.history.rules import build_rules
from brentwatch.message.alert_text import compose_text
from brentwatch.monitor import service
from brentwatch.replay.lines import encode_turn
from brentwatch.replay.turns import replay_signals
from brentwatch.settings.composed import Settings
from brentwatch.settings.instruments import InstrumentSettings
from brentwatch.stream import KafkaSettings, Outgoing, Partition, Record, Stateful, Unclaimed
from brentwatch.telemetry.health import Health, Telemetry
from brentwatch.telemetry.logs import make_logger
from brentwatch.telemetry.metrics import Metrics
from brentwatch.telemetry.settings import TelemetrySettings
from brentwatch.wire.input_faults import InvalidMessage
from brentwatch.wire.published import decode_alert
from brentwatch.wire.timeline import decode_signal, encode_signal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from brentwatch.core.domain import Instrument, Signal

SETTINGS = Settings(
    kafka=KafkaSettings(topic_prefix="demo."),
    instruments={BRENT_SPOT.name: InstrumentSettings.describe(BRENT_SPOT)},
)
PLACE = Partition("demo.impact.timeline", 0)
PARTIAL = " Partial history."


class Monitoring:
    """A monitor of the bundled instrument, and what it counts."""

    def __init__(self, log_level: Literal["warning", "error"] = "error") -> None:
        self.registry = CollectorRegistry()
        log = make_logger(TelemetrySettings(log_level=log_level), service=service.SERVICE)
        self.job = service.prepare(
            SETTINGS, Telemetry(Metrics(self.registry, service.SERVICE), Health(40.0), log)
        )
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


def test_alerts_are_no_warnings(records: list[Record], capsys: pytest.CaptureFixture[str]) -> None:
    """A log at the level of warnings has only what somebody has to look into."""
    outgoing = Monitoring(log_level="warning").handle(records)

    assert any(out.topic == "demo.impact.alerts" for out in outgoing)
    shown = capsys.readouterr()
    assert shown.out + shown.err == ""


def test_each_record_names_the_schema_of_its_value(published: list[Outgoing]) -> None:
    """Readers tell it from version 1, which had no such header."""
    assert {(out.topic, out.headers) for out in published} == {
        ("demo.impact.studies", (("schema", b"study.v2"),)),
        ("demo.impact.alerts", (("schema", b"alert.v2"),)),
    }
    assert all(json.loads(out.value or b"")["version"] == 2 for out in published)


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


@pytest.mark.slow
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


def under_rules(number: int, kept: Mapping[bytes, bytes]) -> dict[bytes, bytes]:
    """What was kept, as if other rules had decided it."""
    changed = {
        key: value.replace(b'"rules":%d' % RULES, b'"rules":%d' % number).replace(
            b'"rule_number":%d' % RULES, b'"rule_number":%d' % number
        )
        for key, value in kept.items()
    }
    assert all(changed[key] != value for key, value in kept.items() if key != b"cursor")
    return changed


def test_a_state_of_lower_rules_stops_the_monitor(records: list[Record]) -> None:
    kept = Monitoring()
    kept.handle(records)
    with pytest.raises(SettingsError, match=rf"rules {RULES - 1} decided it, .* decides by rules {RULES}: "):
        Monitoring().worker.restore(under_rules(RULES - 1, kept.keep(len(records))))


@pytest.mark.parametrize("which", ["all", "bar:2019-09-13"])
def test_a_state_or_a_value_of_higher_rules_stops_the_monitor(records: list[Record], which: str) -> None:
    kept = Monitoring()
    kept.handle(records)
    higher = under_rules(RULES + 1, kept.keep(len(records)))
    if which != "all":
        higher = kept.kept | {which.encode(): higher[which.encode()]}
    told = f"it was made with rules {RULES + 1}, and this installation knows rules up to {RULES};"
    with pytest.raises(NewerState, match=told):
        Monitoring().worker.restore(higher)


def test_a_state_of_higher_rules_is_not_rebuilt(records: list[Record]) -> None:
    kept = Monitoring()
    kept.handle(records)
    with pytest.raises(NewerState, match="upgrade this one"):
        Monitoring().worker.prepare(under_rules(RULES + 1, kept.keep(len(records))))


def rebuild(kept: dict[bytes, bytes], records: Sequence[Record], place: int) -> Monitoring:
    """A monitor that was rebuilt from the records before `place`, over what was kept."""
    rebuilt = Monitoring()
    rebuilt.worker.prepare(kept)
    for record in records[:place]:
        rebuilt.worker.refold(record)
    rebuilt.kept = {
        out.key or b"": out.value
        for out in rebuilt.worker.recreate(kept, place)
        if out.key is not None and out.value is not None
    }
    return rebuilt


def append(records: list[Record], *signals: Signal) -> list[Record]:
    """The records, and these signals after them."""
    more = [encode_signal(signal) for signal in signals]
    return records + [
        Record(partition=PLACE, offset=len(records) + number, value=value)
        for number, value in enumerate(more)
    ]


@pytest.fixture(scope="module")
def attack() -> EventAdmitted:
    """The event of the timeline, as it came."""
    signals = find_history("abqaiq-2019").signals
    return next(signal for signal in signals if isinstance(signal, EventAdmitted))


def follow(attack: EventAdmitted, known_at: datetime, **changes: Any) -> EventAdmitted:
    """The event once more, changed."""
    return replace(attack, event=replace(attack.event, known_at=known_at, **changes))


AFTER = datetime(2020, 2, 1, tzinfo=UTC)


def list_late(attack: EventAdmitted, records: list[Record]) -> list[Record]:
    """A late event of the session, an update of the one it has, and another price of the session."""
    news = next(record.value for record in records if b'"2019-09-16"' in (record.value or b""))
    price = decode_signal(news or b"")
    assert isinstance(price, PriceUpdate)
    bars = tuple(replace(bar, close=bar.close + 0.5) for bar in price.bars)
    late = follow(attack, attack.event.known_at, event_id="desk:late")
    update = follow(attack, AFTER, revision=2, summary="Another summary.")
    return append(records, late, update, replace(price, bars=bars, known_at=AFTER))


def test_what_lower_rules_decided_is_closed_but_for_a_retraction(
    records: list[Record], attack: EventAdmitted
) -> None:
    kept, place = Monitoring(), len(records)
    kept.handle(records)
    lower = under_rules(RULES - 1, kept.keep(place))
    late = list_late(attack, records)
    last = append(late, follow(attack, AFTER, revision=3, status=Status.RETRACT))

    assert kept.handle(late[place:])
    upgraded = rebuild(lower, records, place)
    assert upgraded.handle(late[place:]) == []
    revised = [json.loads(out.value or b"") for out in upgraded.handle(last[len(late) :])]
    assert {document["session"] for document in revised} == {"2019-09-16"}
    assert [document["cause"] for document in revised if "alert_id" in document] == ["event_withdrawn"]
    listed = {event["event_id"] for document in revised for event in document["events"]}
    assert not listed & {attack.event.event_id, "desk:late"}


def test_a_session_that_was_still_expected_goes_on_after_the_rules_changed(
    records: list[Record], published: list[Outgoing]
) -> None:
    """Cut before the attack's session settles: it is decided as it would have been."""
    place = next(at for at, each in enumerate(records) if b'"2019-09-16"' in (each.value or b""))
    kept = Monitoring()
    before = kept.handle(records[:place])
    upgraded = rebuild(under_rules(RULES - 1, kept.keep(place)), records, place)
    assert upgraded.handle(records[place:]) == published[len(before) :] != []


def test_after_the_rules_changed_live_says_what_a_replay_says(
    records: list[Record], attack: EventAdmitted
) -> None:
    place = len(records) - 25
    kept = Monitoring()
    kept.handle(records[:place])
    late = append(list_late(attack, records), follow(attack, AFTER, revision=3, status=Status.RETRACT))
    upgraded = rebuild(under_rules(RULES - 1, kept.keep(place)), records, place)
    live = [out.value or b"" for out in upgraded.handle(late[place:])]

    signals = [decode_signal(record.value or b"") for record in late]
    turns = list(replay_signals(build_rules(BRENT_SPOT), signals, closed_after=place))
    lines = [line for turn in turns[place:] for line in encode_turn(turn)]
    told = [line for line in lines if line.startswith((b'{"kind":"study"', b'{"kind":"alert"'))]
    assert [document[1:] for document in live] == [line.partition(b",")[2] for line in told]


def test_a_later_rebuild_closes_the_same_sessions(records: list[Record]) -> None:
    place = len(records) - 25
    kept = Monitoring()
    kept.handle(records[:place])
    upgraded = rebuild(under_rules(RULES - 1, kept.keep(place)), records, place)
    upgraded.handle(records[place:])
    again = rebuild(upgraded.keep(len(records)), records, len(records))
    assert again.kept == upgraded.kept
    assert again.worker.collect_changes(len(records)) == upgraded.worker.collect_changes(len(records))


def test_a_rebuild_under_the_same_rules_closes_nothing(records: list[Record], attack: EventAdmitted) -> None:
    kept, place = Monitoring(), len(records)
    kept.handle(records)
    rebuilt = rebuild(dict(kept.keep(place)), records, place)
    late = list_late(attack, records)[place:]
    assert rebuilt.handle(late) == kept.handle(late) != []


def test_revisions_count_on_from_what_lower_rules_published(
    records: list[Record], attack: EventAdmitted
) -> None:
    """They revised it more often; and what no alert was is none."""
    kept, place = Monitoring(), len(records)
    published = [out.value or b"" for out in kept.handle(records) if out.topic == "demo.impact.alerts"]
    alerts = [decode_alert(document).alert for document in published]
    count = max(each.revision for each in alerts if each.session == date(2019, 9, 16))
    lower = under_rules(RULES - 1, kept.keep(place))
    for key, value in lower.items():
        if key.startswith(b"study:2019-09-16:"):
            lower[key] = re.sub(rb'"revision":\d+,"known_at"', b'"revision":70,"known_at"', value)
    withdrawal = append(records, follow(attack, AFTER, revision=2, status=Status.RETRACT))[place:]
    told = [json.loads(out.value or b"") for out in rebuild(lower, records, place).handle(withdrawal)]
    assert {document["revision"] for document in told if "study_id" in document} == {71}
    assert [document["revision"] for document in told if "alert_id" in document] == [count + 1]
    assert {document["rules"] for document in told} == {RULES}

    lower = {key: value for key, value in lower.items() if not key.startswith(b"thread:")}
    told = [json.loads(out.value or b"") for out in rebuild(lower, records, place).handle(withdrawal)]
    assert told
    assert not any("alert_id" in document for document in told)


def test_a_state_that_an_older_version_wrote_is_closed_and_goes_on_by_the_rules_of_today(
    records: list[Record],
) -> None:
    """It was written in the midst of the history, with ADDIS and before values of the state had a number."""
    data = (Path(__file__).parents[1] / "data" / "state_of_an_older_version.b64").read_bytes()
    first, *lines = map(json.loads, gzip.decompress(base64.b64decode(data)).splitlines())
    kept = {line["key"].encode(): line["value"].encode() for line in lines if "key" in line}
    place = first["offset"]
    assert any(b'"Addis"' in value for value in kept.values())
    with pytest.raises(SettingsError, match=f"rules 4 decided it, .* by rules {RULES}: first stop"):
        Monitoring().worker.restore(kept)

    lower = rebuild(dict(kept), records, place).handle(records[place:])
    same = Monitoring()
    same.handle(records[:place])
    again = rebuild(under_rules(RULES - 1, same.keep(place)), records, place).handle(records[place:])
    assert [leave_out_revision(out) for out in lower] == [leave_out_revision(out) for out in again] != []


def leave_out_revision(out: Outgoing) -> dict[str, object]:
    """What is published; revisions count on from what each state had."""
    document: dict[str, object] = json.loads(out.value or b"")
    return {name: value for name, value in document.items() if name != "revision"}


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
    missing = f"has {len(kept) - 2:,} values of the state; expected"
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

    with pytest.raises(SettingsError, match=f"has {len(kept):,} values of the state; expected"):
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

    stages = [decode_alert(document).alert.stage for document in alerts]
    assert stages.count(Stage.HEADS_UP) >= 2, "the attack, and the day after"
    assert {Stage.SETTLEMENT, Stage.FINAL} <= set(stages)
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
    assert [each["card"] for each in words if PARTIAL not in each["card"]] == []
    for each in words:
        each["card"] = each["card"].replace(PARTIAL, "")
    assert flagged == [json.loads(out.value or b"") for out in published]


def test_a_state_of_a_newer_version_stops_and_says_what_to_do() -> None:
    kept = {b"cursor": b'{"offset": 7}', b"meta": b'{"version": 11, "value": {}}'}
    with pytest.raises(
        SettingsError, match=r"a newer brentwatch wrote the state \(version 11; .* reads up to 10"
    ):
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
    telemetry = Telemetry(Metrics(CollectorRegistry(), service.SERVICE), Health(40.0), log)
    worker = service.prepare(OnFront(), telemetry).open(place)
    assert isinstance(worker, Stateful)
    days = [
        date(2024, 1, 30),
        date(2024, 1, 31),
        date(2024, 2, 1),
        date(2024, 2, 2),
    ]  # one expired on the 31st
    told = list[Outgoing]()
    for offset, (day, close) in enumerate([*((day, 80.0) for day in days), (days[2], 84.0)]):
        settled = BRENT_FRONT.series.closes_at(day)
        through = max(settled, BRENT_FRONT.series.closes_at(days[-1])) if offset == len(days) else settled
        made = PriceUpdate(
            series=BRENT_FRONT.series.name,
            bars=(Bar(session=day, closes_at=settled, close=close),),
            complete_through=through,
            known_at=through,
            warmup=False,
        )
        told = list(worker.handle(Record(partition=place, offset=offset, value=encode_signal(made))))

    assert told == []
    line = json.loads(stream.getvalue().splitlines()[-1])
    assert line["event"] == "roll correction: no test is repeated"
    assert (line["level"], line["session"], line["close"]) == ("info", "2024-02-01", 84.0)


def test_a_partition_without_an_instrument_is_left_alone() -> None:
    assert Monitoring().job.open(Partition("demo.impact.timeline", 1)) == Unclaimed()
