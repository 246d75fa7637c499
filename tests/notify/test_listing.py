"""What the state says to people, made by the fold from alerts, attempts and answers."""

from __future__ import annotations

from dataclasses import replace
from datetime import time, timedelta

import pytest
from msgspec import Raw
from tests.notify.alerts import ALERT, alert, heads_up_alert, tested_alert
from tests.notify.desk import NOON, THREAD, Desk, make_route

from brentwatch.core.domain import Severity, Stage
from brentwatch.notify.channels.jsonl import JsonlSettings
from brentwatch.notify.channels.terminal import TerminalSettings
from brentwatch.notify.listing import (
    SHORT,
    count_fallbacks,
    count_held,
    describe_policy,
    find_by_prefix,
    find_nearest,
    list_channel_rows,
    list_silences,
    list_thread_rows,
    map_ids,
    measure_short,
)
from brentwatch.notify.settings import NotifySettings
from brentwatch.wire.deliveries import AlertRecord, AnswerKind, AttemptOutcome
from brentwatch.wire.json_schemas import read_examples
from brentwatch.wire.published import decode_alert

SETTINGS = NotifySettings(channels=("jsonl",), jsonl=JsonlSettings(fallback="terminal"))


@pytest.fixture(name="desk")
def _desk() -> Desk:
    """A desk with a file, whose alerts fall back to the terminal, and a webhook."""
    return Desk(make_route("jsonl", fallback="terminal"), make_route("webhook"))


def states(desk: Desk) -> dict[str, str]:
    """The states of the usual thread."""
    return next(row for row in list_thread_rows(desk.values) if row.thread == THREAD).channels


def test_a_thread_is_pending_then_sent_then_seen_and_failed_only_until_a_later_delivery_is_accepted(
    desk: Desk,
) -> None:
    desk.publish(alert())
    assert states(desk) == {"jsonl": "pending", "webhook": "pending"}
    desk.attempt(f"jsonl:{THREAD}:1", AttemptOutcome.ACCEPTED)
    desk.attempt(f"webhook:{THREAD}:1", AttemptOutcome.RETRY, reason="timeout")
    assert states(desk) == {"jsonl": "sent", "webhook": "pending"}
    desk.attempt(f"jsonl:{THREAD}:1", AttemptOutcome.SEEN, detail="ben")
    desk.attempt(f"webhook:{THREAD}:1", AttemptOutcome.FAILED, reason="deadline")
    assert states(desk) == {"jsonl": "seen", "webhook": "failed"}
    desk.publish(replace(tested_alert(p=0.004), revision=2))
    desk.attempt(f"webhook:{THREAD}:2", AttemptOutcome.ACCEPTED)
    assert states(desk) == {"jsonl": "pending", "webhook": "sent"}
    desk.attempt(f"jsonl:{THREAD}:2", AttemptOutcome.FAILED, reason="deadline")
    desk.publish(replace(tested_alert(p=0.004), revision=3))
    assert states(desk) == {"jsonl": "failed", "webhook": "sent"}


def test_a_thread_says_its_stage_and_a_heads_up_has_no_severity() -> None:
    desk = Desk(make_route("jsonl", stages=tuple(Stage)))
    desk.publish(alert(), heads_up_alert())
    rows = {row.thread: (row.stage, row.severity) for row in list_thread_rows(desk.values)}
    assert rows == {
        ALERT.alert_id: (Stage.SETTLEMENT, Severity.CRITICAL),
        heads_up_alert().alert_id: (Stage.HEADS_UP, None),
    }


def test_what_is_held_back_says_so_and_silences_are_listed(desk: Desk) -> None:
    desk.answer(AnswerKind.SILENCE, until=NOON + timedelta(hours=2), channel="jsonl")
    desk.answer(AnswerKind.SILENCE, until=NOON + timedelta(hours=1), id="soon", channel="jsonl")
    desk.publish(alert())
    assert states(desk) == {"jsonl": "held", "webhook": "pending"}
    assert [name for name, _ in list_silences(desk.values)] == ["soon", "answer"]
    assert count_held(desk.values) == {"jsonl": 1}


def test_the_newest_thread_is_first_and_tells_who_acknowledged_it(desk: Desk) -> None:
    desk.publish(alert())
    desk.pass_time(minutes=1)
    desk.publish(alert(alert_id="later", severity=Severity.HIGH))
    assert count_fallbacks(desk.values, THREAD) == 1
    desk.answer(AnswerKind.ACKNOWLEDGE, thread=THREAD)
    first, second = list_thread_rows(desk.values)
    assert (first.thread, first.severity, first.acknowledged) == ("later", Severity.HIGH, None)
    assert (second.thread, second.session, second.at) == (THREAD, ALERT.session, NOON)
    assert second.acknowledged is not None
    assert second.acknowledged.by == "anna"
    assert (count_fallbacks(desk.values, THREAD), count_fallbacks(desk.values, "later")) == (0, 1)


def test_the_totals_of_a_channel_add_up_and_its_failures_are_told(desk: Desk) -> None:
    for name in ("a", "b", "c"):
        desk.publish(alert(alert_id=name))
        desk.pass_time(minutes=1)
    desk.attempt("jsonl:a:1", AttemptOutcome.ACCEPTED)
    desk.pass_time(minutes=2)
    desk.attempt("jsonl:b:1", AttemptOutcome.RETRY, reason="timeout")
    desk.attempt("jsonl:b:1", AttemptOutcome.FAILED, reason="deadline")
    jsonl, terminal, webhook = list_channel_rows(desk.values, SETTINGS)
    assert (jsonl.channel, terminal.channel, webhook.channel) == ("jsonl", "terminal", "webhook")
    assert jsonl.recorded == sum(jsonl.ended.values()) + jsonl.pending == 3
    assert jsonl.ended == {"accepted": 1, "failed": 1, "superseded": 0, "digested": 0}
    assert (jsonl.pending, jsonl.oldest_pending) == (1, NOON + timedelta(minutes=2))
    assert (jsonl.record.failures, jsonl.record.reason) == (2, "deadline")
    assert (jsonl.record.accepted_at, jsonl.record.failed_at) == (
        NOON + timedelta(minutes=3),
        NOON + timedelta(minutes=5),
    )
    assert (terminal.policy, terminal.recorded) == ("only as a fallback", 0)
    assert (webhook.policy, webhook.pending, webhook.oldest_pending) == ("", 3, NOON)


def test_a_policy_is_told_in_words() -> None:
    chosen = JsonlSettings(
        minimum_severity=Severity.HIGH,
        stages=(Stage.SETTLEMENT,),
        countries=("SAU",),
        quiet_from=time(22),
        quiet_until=time(7),
        digest_minutes=30,
        fallback="terminal",
    )
    settings = NotifySettings(
        channels=("jsonl", "terminal"), zone="Europe/London", jsonl=chosen, terminal=TerminalSettings()
    )
    assert describe_policy(settings, "jsonl") == (
        "high and above; stages settlement; countries SAU; quiet 22:00 to 07:00 Europe/London (except "
        "critical); a digest every 30 minutes; not acknowledged in 15 minutes: terminal"
    )
    assert describe_policy(settings, "terminal") == (
        "medium and above; stages heads-up, re-open, within, provisional, settlement, final"
    )


def test_a_prefix_finds_all_that_begin_with_it_and_a_whole_id_what_it_names() -> None:
    ids = {"ab": "ab", "abc": "abc", "b": "b"}
    assert find_by_prefix(ids, "ab") == ["ab"]
    assert find_by_prefix(ids, "a") == ["ab", "abc"]
    assert find_by_prefix(ids, "c") == []


def test_an_old_alert_within_the_session_is_found_by_its_own_id_too(desk: Desk) -> None:
    document = read_examples("alert.v1")["within_the_session.json"]
    old = decode_alert(document)
    desk.take(AlertRecord(alert=Raw(document), published_at=desk.now, offset=0))
    ids = map_ids(desk.values)
    assert find_by_prefix(ids, old.alert.alert_id) == [old.thread]
    assert find_by_prefix(ids, old.thread) == [old.thread]
    assert find_by_prefix(ids, "") == [old.thread]


def test_the_nearest_names_are_those_that_look_alike_or_the_newest() -> None:
    names = [f"{each}{'0' * 19}" for each in "abcdef"] + ["0123456789abcdef0123"]
    assert find_nearest(names, "0123556") == ["0123456789abcdef0123"]
    assert find_nearest(names, "xyz") == names[-3:]


def test_ids_are_as_short_as_tells_them_apart() -> None:
    assert measure_short([]) == SHORT
    assert measure_short(["a" * 20, "b" * 20]) == SHORT
    assert measure_short(["a" * 20, "a" * 10 + "b" * 10]) == 11
