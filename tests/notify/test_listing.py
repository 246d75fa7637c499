"""What the state says to people, made by the fold from alerts, attempts and answers."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from msgspec import Raw
from tests.notify.alerts import ALERT, alert

from brentwatch.core.domain import Severity
from brentwatch.notify.channels.jsonl import JsonlSettings
from brentwatch.notify.channels.terminal import TerminalSettings
from brentwatch.notify.fold import step
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
    measure_short,
)
from brentwatch.notify.messages import Revisions
from brentwatch.notify.policy import ChannelSettings, Stage
from brentwatch.notify.settings import NotifySettings
from brentwatch.notify.stages import Policies, Route
from brentwatch.notify.values import View, apply_changes, create_values
from brentwatch.wire.deliveries import AlertRecord, AnswerKind, AnswerRecord, AttemptOutcome, AttemptRecord
from brentwatch.wire.published import encode_alert

if TYPE_CHECKING:
    from brentwatch.core.domain import Alert
    from brentwatch.wire.deliveries import DeliveryRecord

NOON = datetime(2022, 1, 5, 12, tzinfo=UTC)
THREAD = ALERT.alert_id
SETTINGS = NotifySettings(channels=("jsonl",), jsonl=JsonlSettings(fallback="terminal"))


class Folded:
    """The values after each record, a minute apart."""

    def __init__(self) -> None:
        self.values = create_values()
        self.now = NOON
        routes = {
            name: Route(
                name=name,
                settings=ChannelSettings(fallback="terminal" if name == "jsonl" else None),
                revisions=Revisions.EDIT,
                minimum=Severity.MEDIUM,
            )
            for name in ("jsonl", "webhook")
        }
        self._policies = Policies(routes=routes, zone=ZoneInfo("UTC"), longest_age=timedelta(hours=6))
        self._number = 0

    def take(self, record: DeliveryRecord) -> None:
        view = View(self.values)
        step(view, self._policies, record, self.now)
        apply_changes(self.values, view.changes)
        self.now += timedelta(minutes=1)

    def publish(self, published: Alert) -> None:
        self.take(AlertRecord(alert=Raw(encode_alert(published)), published_at=self.now, offset=0))

    def attempt(self, delivery: str, outcome: AttemptOutcome, **known: Any) -> None:
        self._number += 1
        channel, thread, *_ = delivery.split(":")
        self.take(
            AttemptRecord(
                delivery=delivery,
                channel=channel,
                thread=thread,
                number=self._number,
                outcome=outcome,
                at=self.now,
                latency_seconds=0.1,
                replica="one",
                run="first",
                **known,
            )
        )

    def answer(self, kind: AnswerKind, **known: Any) -> None:
        given = {"id": "lunch", "by": "anna", "via": "command line"} | known
        self.take(AnswerRecord(answer=kind, at=self.now, **given))

    def states(self) -> dict[str, str]:
        """The states of the usual thread."""
        return next(row for row in list_thread_rows(self.values) if row.thread == THREAD).channels


@pytest.fixture(name="folded")
def _folded() -> Folded:
    return Folded()


def test_a_thread_is_pending_then_sent_then_seen_and_failed_only_until_a_later_delivery_is_accepted(
    folded: Folded,
) -> None:
    folded.publish(alert())
    assert folded.states() == {"jsonl": "pending", "webhook": "pending"}
    folded.attempt(f"jsonl:{THREAD}:1", AttemptOutcome.ACCEPTED)
    folded.attempt(f"webhook:{THREAD}:1", AttemptOutcome.RETRY, reason="timeout")
    assert folded.states() == {"jsonl": "sent", "webhook": "pending"}
    folded.attempt(f"jsonl:{THREAD}:1", AttemptOutcome.SEEN, detail="ben")
    folded.attempt(f"webhook:{THREAD}:1", AttemptOutcome.FAILED, reason="deadline")
    assert folded.states() == {"jsonl": "seen", "webhook": "failed"}
    folded.publish(alert(revision=2, p=0.0005))
    folded.attempt(f"webhook:{THREAD}:2", AttemptOutcome.ACCEPTED)
    assert folded.states() == {"jsonl": "pending", "webhook": "sent"}
    folded.attempt(f"jsonl:{THREAD}:2", AttemptOutcome.FAILED, reason="deadline")
    folded.publish(alert(revision=3, p=0.0005))
    assert folded.states() == {"jsonl": "failed", "webhook": "sent"}


def test_what_is_held_back_says_so_and_silences_are_listed(folded: Folded) -> None:
    folded.answer(AnswerKind.SILENCE, until=NOON + timedelta(hours=2), channel="jsonl")
    folded.answer(AnswerKind.SILENCE, until=NOON + timedelta(hours=1), id="soon", channel="jsonl")
    folded.publish(alert())
    assert folded.states() == {"jsonl": "held", "webhook": "pending"}
    assert [name for name, _ in list_silences(folded.values)] == ["soon", "lunch"]
    assert count_held(folded.values) == {"jsonl": 1}


def test_the_newest_thread_is_first_and_tells_who_acknowledged_it(folded: Folded) -> None:
    folded.publish(alert())
    folded.publish(alert(alert_id="later", severity=Severity.HIGH))
    assert count_fallbacks(folded.values, THREAD) == 1
    folded.answer(AnswerKind.ACKNOWLEDGE, thread=THREAD)
    first, second = list_thread_rows(folded.values)
    assert (first.thread, first.severity, first.acknowledged) == ("later", Severity.HIGH, None)
    assert (second.thread, second.session, second.at) == (THREAD, ALERT.session, NOON)
    assert second.acknowledged is not None
    assert second.acknowledged.by == "anna"
    assert (count_fallbacks(folded.values, THREAD), count_fallbacks(folded.values, "later")) == (0, 1)


def test_the_totals_of_a_channel_add_up_and_its_failures_are_told(folded: Folded) -> None:
    for name in ("a", "b", "c"):
        folded.publish(alert(alert_id=name))
    folded.attempt("jsonl:a:1", AttemptOutcome.ACCEPTED)
    folded.attempt("jsonl:b:1", AttemptOutcome.RETRY, reason="timeout")
    folded.attempt("jsonl:b:1", AttemptOutcome.FAILED, reason="deadline")
    jsonl, terminal, webhook = list_channel_rows(folded.values, SETTINGS)
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
    assert describe_policy(settings, "terminal") == "medium and above; stages intraday, settlement"


def test_a_prefix_finds_all_that_begin_with_it_and_a_whole_name_itself() -> None:
    names = ["ab", "abc", "b"]
    assert find_by_prefix(names, "ab") == ["ab"]
    assert find_by_prefix(names, "a") == ["ab", "abc"]
    assert find_by_prefix(names, "c") == []


def test_the_nearest_names_are_those_that_look_alike_or_the_newest() -> None:
    names = [f"{each}{'0' * 19}" for each in "abcdef"] + ["0123456789abcdef0123"]
    assert find_nearest(names, "0123556") == ["0123456789abcdef0123"]
    assert find_nearest(names, "xyz") == names[-3:]


def test_ids_are_as_short_as_tells_them_apart() -> None:
    assert measure_short([]) == SHORT
    assert measure_short(["a" * 20, "b" * 20]) == SHORT
    assert measure_short(["a" * 20, "a" * 10 + "b" * 10]) == 11
