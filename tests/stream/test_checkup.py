"""The doctor looks at the ACLs of every service, those that fetch from outside among them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, cast

import pytest
from tests.core.intraday_desk import FRONT, own

from brentwatch.commands.run import SERVICES
from brentwatch.core.domain import BRENT_SPOT, WTI_FRONT, Canary, PriceUpdate, Signal
from brentwatch.stream import KafkaSettings, Partition, Record
from brentwatch.stream.dead_limit import Limits
from brentwatch.stream.doctor import checks as checkup
from brentwatch.stream.doctor import timeline_checks
from brentwatch.stream.doctor.checks import CHECKS
from brentwatch.stream.doctor.patient import Finding, Level, Patient
from brentwatch.stream.grants import load_grants
from brentwatch.wire.canaries import CanaryAnswer, encode_canary_answer
from brentwatch.wire.timeline import encode_signal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from brentwatch.core.domain import Instrument
    from brentwatch.stream.clients.admin import Admin


class Nobody:
    """An administrator who is allowed nothing but to look."""

    def list_operations(self, names: Iterable[str]) -> dict[str, frozenset[str]]:
        return {name: frozenset({"DESCRIBE"}) for name in names}

    def list_group_operations(self, _: str) -> frozenset[str]:
        return frozenset()


def looked_over(*instruments: Instrument) -> list[Finding]:
    """What is said of the error budgets of these."""
    patient = Patient(
        kafka=KafkaSettings(),
        admin=cast("Admin", Nobody()),
        instruments=instruments,
        services={},
        authorized=(),
        now=datetime(2024, 1, 1, tzinfo=UTC),
        dead_limit=Limits(ratio=0.1, over=100, consecutive=20),
    )
    return list(CHECKS["false alarms"](patient))


def test_the_false_alarms_that_the_levels_imply_are_told_and_when_tests_within_the_session_start() -> None:
    assert [each.said for each in looked_over(BRENT_SPOT, FRONT)] == [
        "brent-spot: at most 2.5 false alarms a year",
        "brent-front: at most 2.6 false alarms a year; "
        "intraday tests start at 40 sessions of 5-minute bars, flagged below 120, "
        "calibrated on simulated bars only",
        "at most 5.1 false alarms a year in total, from 2 instruments with alerts",
    ]


def test_an_added_instrument_adds_no_false_alarms_until_it_may_alert() -> None:
    *_, silent = looked_over(FRONT, WTI_FRONT)
    *_, alerting = looked_over(FRONT, replace(WTI_FRONT, alerts=True))

    assert silent.said == "at most 2.6 false alarms a year in total, from 1 instrument with alerts"
    assert alerting.said == "at most 5.2 false alarms a year in total, from 2 instruments with alerts"


def test_an_instrument_without_alerts_has_no_false_alarms_and_a_watch_without_any_is_a_warning() -> None:
    found, total = looked_over(replace(FRONT, alerts=False))

    assert found == Finding(Level.OK, "brent-front: tested and shown, opens no alerts (alerts = false)")
    assert (total.level, total.said) == (Level.WARN, "no instrument opens alerts")


@pytest.mark.parametrize(("days", "level"), [(9, Level.OK), (13, Level.WARN)])
def test_a_late_series_is_stale_later_and_the_doctor_says_that_it_is_late(
    days: int, level: Level, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = datetime(2024, 1, 20, 16, 30, tzinfo=UTC)
    settled = now - timedelta(days=days)
    price = PriceUpdate(
        series="brent-spot", bars=(), complete_through=settled, known_at=settled, warmup=False
    )
    record = Record(partition=Partition("impact.timeline", 0), offset=0, value=encode_signal(price))
    monkeypatch.setattr(checkup, "_end_of_timeline", lambda *_: [record])
    patient = Patient(
        kafka=KafkaSettings(),
        admin=cast("Admin", Nobody()),
        instruments=(BRENT_SPOT,),
        services={},
        authorized=(),
        now=now,
        dead_limit=Limits(ratio=0.1, over=100, consecutive=20),
        late_series={"brent-spot": "brent-spot cannot be live"},
    )
    complete, late = CHECKS["prices"](patient)

    assert complete.level is level
    assert late == Finding(Level.OK, "brent-spot cannot be live")


def with_a_price_below(canaries: int, monkeypatch: pytest.MonkeyPatch) -> Patient:
    """Two hours after a price of brent-spot, which stands on the timeline below so many canaries."""
    now = datetime(2024, 1, 20, 16, 30, tzinfo=UTC)
    at = now - timedelta(hours=2)
    price = PriceUpdate(series="brent-spot", bars=(), complete_through=at, known_at=at, warmup=False)
    signals: list[Signal] = [price, *[Canary(canary_id="canary:1", known_at=at)] * canaries]
    place = Partition("impact.timeline", 0)
    records = [Record(partition=place, offset=0, value=encode_signal(each)) for each in signals]
    for module in (checkup, timeline_checks):
        monkeypatch.setattr(module, "read_newest", lambda _, __, most: records[-most:])
    return Patient(
        kafka=KafkaSettings(),
        admin=cast("Admin", Nobody()),
        instruments=(BRENT_SPOT,),
        services={},
        authorized=(),
        now=now,
        dead_limit=Limits(ratio=0.1, over=100, consecutive=20),
    )


@pytest.mark.parametrize("canaries", [0, 300, 2_592, 20_000])
def test_the_newest_price_is_found_below_the_canaries_of_days(
    canaries: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    (found,) = CHECKS["prices"](with_a_price_below(canaries, monkeypatch))

    assert found == Finding(Level.OK, "brent-spot: brent-spot is complete through 2024-01-20 14:30 UTC")


def test_the_share_of_canaries_is_told_for_each_instrument(monkeypatch: pytest.MonkeyPatch) -> None:
    (found,) = CHECKS["canaries"](with_a_price_below(288, monkeypatch))

    said = "brent-spot: 288 of the newest 289 records of partition 0 of impact.timeline are canaries"
    assert found == Finding(Level.OK, said)


def test_the_calibration_that_is_in_use_is_told() -> None:
    found, _ = looked_over(replace(FRONT, intraday_calibration=own()))

    assert found.level is Level.OK
    assert found.said.endswith("below 120, calibrated on own bars of 2023-02-01 to 2024-04-26 (301 sessions)")


def test_a_test_that_was_wrong_too_often_on_own_bars_is_a_warning() -> None:
    found, _ = looked_over(replace(FRONT, intraday_calibration=own(0.02)))

    assert found.level is Level.WARN
    assert "found wrong too often on own bars" in found.said
    assert "set intraday = false" in found.remedy


def test_what_is_forbidden_to_any_service_is_told() -> None:
    kafka = KafkaSettings()
    patient = Patient(
        kafka=kafka,
        admin=cast("Admin", Nobody()),
        instruments=(),
        services={},
        authorized=tuple(SERVICES),
        now=datetime(2024, 1, 1, tzinfo=UTC),
        dead_limit=Limits(ratio=0.1, over=100, consecutive=20),
    )
    said = [each.said for each in CHECKS["security"](patient) if each.level is Level.WARN]
    for service in SERVICES:
        told = [line for line in said if f"; {service} needs it: " in line]
        rows = [grant for grant in load_grants(kafka)[service] if not grant.prefixed]
        assert len(told) == sum(len(grant.operations) for grant in rows) > 0


def test_a_check_that_fails_for_a_reason_nobody_thought_of_keeps_no_other_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fails(_: Patient) -> Iterator[Finding]:
        yield Finding(Level.OK, "so far")
        raise ZeroDivisionError("made up")

    monkeypatch.setattr(checkup, "CHECKS", {"one": fails, "two": lambda _: iter([Finding(Level.OK, "well")])})
    found = list(checkup.run_checks(cast("Patient", None)))
    assert [(name, finding.level) for name, finding in found] == [
        ("one", Level.OK),
        ("one", Level.FAIL),
        ("two", Level.OK),
    ]
    assert "ZeroDivisionError: made up" in found[1][1].said


@pytest.mark.parametrize("timestamp", [-1, 0, 2**62, 253_402_300_800_000])
def test_a_record_may_claim_any_time(timestamp: int, monkeypatch: pytest.MonkeyPatch) -> None:
    record = Record(partition=Partition("impact.timeline", 0), offset=0, timestamp=timestamp)
    monkeypatch.setattr(checkup, "_end_of_timeline", lambda *_: [record])
    patient = Patient(
        kafka=KafkaSettings(),
        admin=cast("Admin", Nobody()),
        instruments=(BRENT_SPOT,),
        services={},
        authorized=(),
        now=datetime(2024, 1, 1, tzinfo=UTC),
        dead_limit=Limits(ratio=0.1, over=100, consecutive=20),
    )
    (found,) = CHECKS["clocks"](patient)
    assert (found.level is Level.WARN) is (timestamp > 0)


def with_answers(monkeypatch: pytest.MonkeyPatch, *values: bytes) -> Patient:
    """An hour after midnight, with these records on impact.canary."""
    records = [
        Record(partition=Partition("impact.canary", 0), offset=offset, value=value)
        for offset, value in enumerate(values)
    ]
    monkeypatch.setattr(timeline_checks, "read_newest", lambda *_: records)
    return Patient(
        kafka=KafkaSettings(),
        admin=cast("Admin", Nobody()),
        instruments=(BRENT_SPOT,),
        services={},
        authorized=(),
        now=datetime(2024, 1, 1, 1, tzinfo=UTC),
        dead_limit=Limits(ratio=0.1, over=100, consecutive=20),
    )


def answer(minutes: float, instrument: str = "brent-spot") -> bytes:
    sent_at = datetime(2024, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    return encode_canary_answer(CanaryAnswer(canary_id="c", instrument=instrument, sent_at=sent_at, offset=0))


@pytest.mark.parametrize(
    ("answers", "level", "said"),
    [
        ((), "warn", "no canary answered within a day"),
        ((answer(59, "brent-front"),), "warn", "no canary answered within a day"),
        ((answer(50), answer(40)), "ok", "the newest answered canary was sent 600 s ago"),
        ((answer(45), b"rumour"), "ok", "the newest answered canary was sent 900 s ago"),
        ((answer(44),), "warn", "the newest answered canary was sent 960 s ago"),
        ((answer(44), answer(999)), "warn", "the newest answered canary was sent 960 s ago"),
    ],
    ids=["none", "another's", "newest", "unreadable", "old", "from the future"],
)
def test_a_canary_that_was_not_answered_for_long_is_a_warning(
    answers: tuple[bytes, ...], level: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (found,) = CHECKS["canary answers"](with_answers(monkeypatch, *answers))

    assert (found.level, found.said) == (level, f"brent-spot: {said}")
    assert bool(found.remedy) == (level == "warn")
