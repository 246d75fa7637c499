"""The doctor on a real broker: what is well is told so, and what is not, with what to do."""

from __future__ import annotations

import json
import re
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from kafka import KafkaProducer
from tests.kafka.patience import await_true
from tests.kafka.programs import ALL_WELL, brentwatch, create_topics, member
from tests.kafka.test_intraday import OPTIONS
from tests.kafka.tools import committed, make_topic, write, write_values

from brentwatch.commands.doctor import local_checks
from brentwatch.core.domain import BRENT_SPOT, PriceUpdate
from brentwatch.stream import CANARIES, DEAD, DEAD_NOTES, EVENTS, STATE, TIMELINE
from brentwatch.stream.clients.admin import Admin
from brentwatch.stream.dead_letters.notes import build_limit_note
from brentwatch.stream.dead_limit import Limits
from brentwatch.stream.doctor.checks import CHECKS
from brentwatch.stream.doctor.patient import Finding, Level, Patient
from brentwatch.wire.canaries import CanaryAnswer, encode_canary_answer
from brentwatch.wire.timeline import encode_signal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from brentwatch.stream import KafkaSettings

pytestmark = pytest.mark.kafka


def examined(settings: KafkaSettings, code: int, *words: str) -> list[Mapping[str, Any]]:
    done = brentwatch(settings, "doctor", "--json", *words)
    assert done.returncode == code, done.stdout + done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def of(found: list[Mapping[str, Any]], check: str) -> list[tuple[str, str]]:
    return [(each["level"], each["said"]) for each in found if each["check"] == check]


def price(at: datetime, series: str = BRENT_SPOT.series.name) -> bytes:
    return encode_signal(PriceUpdate(series=series, bars=(), complete_through=at, known_at=at))


def test_an_installation_that_is_well_is_told_so(settings: KafkaSettings) -> None:
    create_topics(settings)
    now = datetime.now(UTC)
    write_values(settings, settings.topic(TIMELINE), price(now))
    answer = CanaryAnswer(canary_id="canary:1", instrument="brent-spot", sent_at=now, offset=0)
    write_values(settings, settings.topic(CANARIES), b"{}", encode_canary_answer(answer))
    with member(settings, "screen"), member(settings, "monitor"), member(settings, "notify"):
        group = settings.group("monitor")
        await_true(lambda: committed(settings, group) == {0: 1}, "the timeline is answered")
        found = examined(settings, 0)
        plain = brentwatch(settings, "doctor")

    local = set(local_checks.CHECKS)
    assert {each["check"] for each in found} == {*CHECKS, *local, "verdict"} - {"bars"}  # there are none
    assert {each["level"] for each in found} == {"ok"}
    ((_, cluster),) = of(found, "cluster")
    assert re.fullmatch(rf"Kafka at {settings.bootstrap}: cluster id [\w-]{{22}}, 1 broker", cluster)
    assert (found[-1]["check"], found[-1]["said"]) == ("verdict", "all good")
    assert of(found, "groups")[1] == ("ok", "monitor: 1 replicas, 0 records behind")
    assert of(found, "topics") == [("ok", ALL_WELL)]
    assert plain.stdout.splitlines()[0] == f"ok    cluster        {cluster}"
    assert plain.stdout.splitlines()[-1] == "all good"


def test_what_is_missing_stale_stuck_and_ahead_is_told_with_a_remedy(settings: KafkaSettings) -> None:
    make_topic(settings, EVENTS, 3)
    make_topic(settings, TIMELINE, 1)
    make_topic(settings, DEAD, 1)
    make_topic(settings, DEAD_NOTES, 1)
    now = datetime.now(UTC)
    write_values(settings, settings.topic(TIMELINE), price(now - timedelta(days=13)))
    write(settings, build_limit_note(settings.topic(DEAD_NOTES), settings.group("screen"), "20 in a row"))
    write(settings, build_limit_note(settings.topic(DEAD), settings.group("screen"), "forged"))
    with closing(KafkaProducer(bootstrap_servers=settings.bootstrap)) as producer:
        ahead = int((now + timedelta(minutes=5)).timestamp() * 1000)
        producer.send(settings.topic(TIMELINE), value=b"{}", partition=0, timestamp_ms=ahead).get(10)
    found = examined(settings, 1, "--set", "screen.dead_letter_limit.action=stop")

    assert found[-1]["said"] == f"first thing to fix: topics: {of(found, 'topics')[0][1]}"
    assert "topics create" in found[-1]["remedy"] or "--replace" in found[-1]["said"]
    levels = {check: {level for level, _ in of(found, check)} for check in CHECKS}
    assert levels["topics"] == {"fail"}
    assert any("has 3 partitions; expected 12" in said for _, said in of(found, "topics"))
    assert any("impact.state does not exist" in said for _, said in of(found, "topics"))
    assert ("fail", f"{settings.group('screen')} stopped at its dead-letter limit: 20 in a row") in of(
        found, "dead letters"
    )
    strangers = "1 records on the dead-letter topic are not dead letters and are ignored"
    assert ("warn", strangers) in of(found, "dead letters")
    assert not any("forged" in said for _, said in of(found, "dead letters"))
    assert levels["prices"] == {"warn", "ok"}
    assert any("brent-spot cannot be live" in said for level, said in of(found, "prices") if level == "ok")
    assert levels["clocks"] == {"warn"}
    assert of(found, "groups")[0] == ("warn", "screen: 0 replicas, 0 records behind")
    assert all(each["remedy"] for each in found if each["level"] == "warn")


def test_fresh_bars_do_not_hide_that_the_daily_prices_are_old(settings: KafkaSettings) -> None:
    create_topics(settings)
    now = datetime.now(UTC)
    daily, fine = price(now - timedelta(days=9), "brent-front"), price(now, "brent-front-5m")
    write_values(settings, settings.topic(TIMELINE), daily, fine)

    found = examined(settings, 0, *OPTIONS)

    assert [(level, said.partition(" is ")[0]) for level, said in of(found, "prices")] == [
        ("warn", "brent-front: brent-front"),
        ("ok", "brent-front: brent-front-5m"),
    ]
    assert of(found, "bars") == [("warn", "brent-front: 0 sessions of 5-minute bars in the state")]


def test_a_transaction_that_never_ends_is_told_with_the_command_that_ends_it(settings: KafkaSettings) -> None:
    create_topics(settings)
    state = settings.topic(STATE)
    opened = KafkaProducer(
        bootstrap_servers=settings.bootstrap,
        transactional_id=f"{settings.group('x')}-one",
        transaction_timeout_ms=600_000,
    )
    with closing(opened) as producer, closing(Admin(settings)) as admin:
        producer.init_transactions()
        producer.begin_transaction()
        producer.send(state, key=b"k", value=b"x", partition=0).get(10)
        (young,) = transactions(settings, admin, timedelta(0))
        (old,) = transactions(settings, admin, timedelta(seconds=60))
        producer.abort_transaction()
        (none,) = transactions(settings, admin, timedelta(seconds=60))

    assert (young.level, none.said) == (Level.OK, "no transaction is open")
    assert old.level is Level.FAIL
    assert f"partition 0 of {state} holds an open transaction from offset 0 on, last written 6" in old.said
    assert f"abort --topic {state} --partition 0 --start-offset 0" in old.remedy


def transactions(settings: KafkaSettings, admin: Admin, later: timedelta) -> list[Finding]:
    patient = Patient(
        kafka=settings,
        admin=admin,
        instruments=(),
        services={},
        authorized=(),
        now=datetime.now(UTC) + later,
        dead_limit=Limits(ratio=0.1, over=100, consecutive=20),
    )
    return list(CHECKS["transactions"](patient))


def test_without_a_broker_it_says_that(settings: KafkaSettings) -> None:
    done = brentwatch(settings.model_copy(update={"bootstrap": "127.0.0.1:1"}), "doctor")

    assert done.returncode == 6
    assert "first thing to fix: cluster: Kafka at 127.0.0.1:1 failed while connecting" in done.stdout
