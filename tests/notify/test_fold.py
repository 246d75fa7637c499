"""What the notifier decides: each rule of the fold, and each stage, by the records that bring it about."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw
from tests.notify.alerts import HEADLINE_TEST, NOT_ABNORMAL, alert, settlement_test, window
from tests.notify.desk import THREAD, Desk, make_route

from brentwatch.core.domain import Alert, Cause, Direction, EventClass, Range, Severity, Stage
from brentwatch.notify.messages import Revisions
from brentwatch.wire.deliveries import AlertRecord, AnswerKind, AttemptOutcome, DueRecord
from brentwatch.wire.json_schemas import read_examples
from brentwatch.wire.published import decode_alert

FIRST = f"chat:{THREAD}:1"
SECOND = f"chat:{THREAD}:2"


def revise(revision: int, test: dict[str, object] | None = None, **changes: object) -> Alert:
    """A later revision in which a shown figure of its test differs, and what is given."""
    made = settlement_test(**{"normal": Range(-0.04, 0.04 + revision / 1000)} | (test or {}))
    return alert(revision=revision, **{"tests": (made,)} | changes)


def close(revision: int) -> Alert:
    """The revision that closes the thread: its last window has an answer over all sessions."""
    return revise(revision, stage=Stage.FINAL, windows=(HEADLINE_TEST, window(5, 0.1)))


# Rule 1: a revision that was recorded before changes nothing.


def test_a_repeated_revision_is_counted_and_changes_nothing() -> None:
    desk = Desk()
    desk.publish(alert(), alert(), alert())
    assert list(desk.pending) == [FIRST]
    assert desk.totals.suppressed == {"repeat": 2}


def test_an_older_revision_after_a_newer_one_is_a_repeat() -> None:
    desk = Desk()
    desk.publish(revise(3), revise(2))
    assert list(desk.pending) == [f"chat:{THREAD}:3"]


# Stage: route.


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"minimum": Severity.CRITICAL}, None),
        ({"countries": ("SAU",)}, None),
        ({"countries": ("KAZ", "NOR")}, "country"),
        ({"classes": (EventClass.ATTACK_INFRASTRUCTURE,)}, None),
        ({"classes": (EventClass.PROTEST,)}, "class"),
        ({"stages": (Stage.WITHIN,)}, "stage"),
        ({"is_fallback_only": True}, "fallback_only"),
    ],
)
def test_an_alert_goes_where_its_policy_lets_it(settings: dict[str, object], reason: str | None) -> None:
    desk = Desk(make_route(**settings))  # type: ignore[arg-type] # each is one of its arguments
    desk.publish(alert())
    assert list(desk.pending) == ([] if reason else [FIRST])
    assert desk.totals.suppressed == ({reason: 1} if reason else {})


def test_a_quiet_alert_is_left_out_and_comes_once_it_is_loud_enough() -> None:
    desk = Desk(make_route(minimum=Severity.HIGH))
    desk.publish(alert(severity=Severity.MEDIUM))
    assert desk.totals.suppressed == {"below_severity": 1}
    desk.publish(revise(2, severity=Severity.HIGH))
    assert desk.pending[SECOND].root is None


def test_what_a_channel_shows_is_kept_up_to_date_whatever_its_policy() -> None:
    desk = Desk(make_route(countries=("SAU",)))
    desk.publish(alert())
    desk.accept()
    desk.publish(revise(2, events=()))
    assert list(desk.pending) == [SECOND]


def test_an_old_alert_within_the_session_is_in_the_thread_of_its_session() -> None:
    document = read_examples("alert.v1")["within_the_session.json"]
    old, desk = decode_alert(document), Desk()
    assert old.thread != old.alert.alert_id
    desk.take(AlertRecord(alert=Raw(document), published_at=desk.now, offset=0))
    desk.accept()
    desk.publish(replace(old.alert, alert_id=old.thread, stage=Stage.SETTLEMENT, revision=1))
    assert [each.root for each in desk.pending.values()] == ["m-1"]


# Stage: compare.


def test_a_revision_that_changes_no_figure_is_not_sent() -> None:
    desk = Desk()
    desk.publish(alert())
    desk.accept()
    desk.publish(alert(revision=2))
    assert not desk.pending
    assert desk.totals.suppressed == {"unchanged": 1}


def test_a_change_of_a_figure_edits_the_root_and_pings_nobody() -> None:
    desk = Desk()
    desk.publish(alert())
    desk.accept()
    desk.publish(revise(2))
    delivery = desk.pending[SECOND]
    assert (delivery.root, delivery.pings) == ("m-1", False)


@pytest.mark.parametrize(
    "important",
    [
        {"severity": Severity.CRITICAL},
        {"test": {"direction": Direction.DOWN}},
        {"test": NOT_ABNORMAL},
        {"stage": Stage.FINAL},
    ],
)
def test_a_louder_turned_withdrawn_or_closed_thread_pings(important: dict[str, Any]) -> None:
    desk = Desk()
    desk.publish(alert(severity=Severity.HIGH))
    desk.accept()
    desk.publish(revise(2, **{"severity": Severity.HIGH} | important))
    assert desk.pending[SECOND].pings


def test_a_thread_pings_at_most_twice_after_its_first_message() -> None:
    desk = Desk()
    desk.publish(alert())
    desk.accept()
    pinged = []
    for revision in range(2, 6):
        direction = Direction.DOWN if revision % 2 == 0 else Direction.UP
        desk.publish(revise(revision, {"direction": direction}))
        pinged += [each.pings for each in desk.pending.values()]
        desk.accept()
    assert pinged == [True, True, False, False]


def test_where_nothing_can_be_edited_only_important_changes_are_sent() -> None:
    desk = Desk(make_route(revisions=Revisions.FOLLOW_UP))
    desk.publish(alert())
    desk.accept()
    desk.publish(revise(2))
    assert desk.totals.suppressed == {"minor": 1}
    desk.publish(revise(3, NOT_ABNORMAL))
    assert desk.pending[f"chat:{THREAD}:3"].root == "m-1"


def test_a_program_gets_every_revision_that_changes_a_figure() -> None:
    desk = Desk(make_route(revisions=Revisions.EVERY))
    desk.publish(alert(), revise(2), revise(3), replace(revise(3), revision=4, cause=Cause.PRICE_REVISION))
    assert len(desk.pending) == 3
    assert desk.totals.suppressed == {"unchanged": 1}


def test_a_newer_revision_is_sent_while_the_first_message_is_not_accepted() -> None:
    desk = Desk(make_route(revisions=Revisions.FOLLOW_UP))
    desk.publish(alert(), revise(2))
    assert [each.root for each in desk.pending.values()] == [None, None]


# How deliveries end.


def test_each_end_is_counted_once_and_the_counts_add_up() -> None:
    desk = Desk()
    desk.publish(alert(), revise(2), revise(3))
    desk.attempt(FIRST, AttemptOutcome.SUPERSEDED)
    desk.attempt(SECOND, AttemptOutcome.RETRY, reason="timeout")
    desk.attempt(SECOND, AttemptOutcome.FAILED, reason="deadline")
    desk.attempt(f"chat:{THREAD}:3", AttemptOutcome.ACCEPTED)
    assert desk.totals.recorded == {"chat": 3}
    assert desk.totals.ended == {"chat": {"superseded": 1, "failed": 1, "accepted": 1}}
    assert not desk.pending
    desk.expect_sum()


def test_an_outcome_that_was_written_twice_counts_once() -> None:
    desk = Desk()
    desk.publish(alert())
    record = desk.attempt(FIRST, AttemptOutcome.ACCEPTED)
    desk.take(record)
    assert desk.totals.copies == {}
    desk.attempt(FIRST, AttemptOutcome.ACCEPTED)
    assert desk.totals.copies == {"chat": 1}
    desk.expect_sum()


def test_outcomes_of_a_new_run_are_counted_from_one_again() -> None:
    desk = Desk()
    desk.publish(alert())
    desk.attempt(FIRST, AttemptOutcome.RETRY, number=7)
    desk.attempt(FIRST, AttemptOutcome.ACCEPTED, number=1, run="second")
    assert desk.totals.ended == {"chat": {"accepted": 1}}


def test_after_a_failed_first_message_the_next_revision_is_a_first_message() -> None:
    desk = Desk()
    desk.publish(alert())
    desk.attempt(FIRST, AttemptOutcome.FAILED)
    desk.publish(revise(2))
    assert desk.pending[SECOND].root is None
    assert desk.pending[SECOND].pings


@pytest.mark.parametrize(("revisions", "root"), [(Revisions.EDIT, "m-2"), (Revisions.FOLLOW_UP, "m-1")])
def test_a_first_message_that_could_not_be_edited_is_replaced_by_the_next(
    revisions: Revisions, root: str
) -> None:
    desk = Desk(make_route(revisions=revisions))
    desk.publish(alert())
    desk.accept()
    desk.publish(revise(2, NOT_ABNORMAL))
    desk.accept()
    assert desk.thread.channels["chat"].root == root


def test_who_has_seen_a_message_is_kept() -> None:
    desk = Desk()
    desk.publish(alert())
    desk.accept()
    for reader in ("anna", "ben", "anna"):
        desk.attempt(FIRST, AttemptOutcome.SEEN, detail=reader)
    assert desk.thread.channels["chat"].seen_by == ("anna", "ben")
    assert desk.totals.ended == {"chat": {"accepted": 1}}


# What is old is not news.


def test_old_alerts_come_in_one_digest() -> None:
    desk = Desk()
    old = [alert(alert_id=f"old-{number}") for number in range(8)]
    desk.publish(*old, age=timedelta(days=3))
    assert not desk.pending
    assert desk.totals.ended == {"chat": {"digested": 8}}
    desk.pass_time(minutes=1)
    (digest,) = desk.pending.values()
    assert "8 alerts" in digest.lock_screen
    assert len(digest.card.split("\n")) == 6
    assert digest.card.endswith("and 3 more: brentwatch alerts list")
    desk.expect_sum()


def test_an_alert_of_six_hours_is_news() -> None:
    desk = Desk()
    desk.publish(alert(), age=timedelta(hours=6))
    assert list(desk.pending) == [FIRST]


# Silences.


def test_a_silence_postpones_and_its_end_tells_what_happened() -> None:
    desk = Desk()
    desk.silence(reason="everybody is at the desk")
    (start,) = desk.pending.values()
    assert start.lock_screen == "Silenced until 14:00 UTC, 5 January, by anna: everybody is at the desk"
    desk.accept()
    desk.publish(alert(), alert(alert_id="other", severity=Severity.HIGH))
    assert not desk.pending
    desk.pass_time(hours=2)
    (end,) = desk.pending.values()
    assert end.lock_screen == "Silence ended: 2 alerts held back, the loudest critical"
    assert [line.split()[0] for line in end.card.split("\n")] == ["CRITICAL", "HIGH"]
    assert end.severity is Severity.CRITICAL
    desk.expect_sum()


def test_a_silence_in_which_nothing_happened_says_so() -> None:
    desk = Desk()
    desk.silence()
    desk.accept()
    desk.pass_time(hours=2)
    (end,) = desk.pending.values()
    assert end.lock_screen == "Silence ended: no alerts came meanwhile"


def test_a_silence_of_one_channel_leaves_the_others_alone() -> None:
    desk = Desk(make_route("chat"), make_route("mail"))
    desk.silence(channel="mail")
    desk.accept()
    desk.publish(alert())
    assert list(desk.pending) == [FIRST]


def test_the_last_of_two_silences_tells() -> None:
    desk = Desk()
    desk.silence(1, id="short")
    desk.silence(3, id="long")
    desk.accept()
    desk.publish(alert())
    desk.pass_time(hours=1)
    assert not desk.pending
    desk.pass_time(hours=2)
    assert len(desk.pending) == 1


@pytest.mark.parametrize("named", ["", "lunch"])
def test_a_silence_can_be_ended_early_and_its_timer_goes(named: str) -> None:
    desk = Desk()
    desk.silence()
    desk.accept()
    desk.publish(alert())
    desk.answer(AnswerKind.UNSILENCE, id="enough", reason=named)
    assert len(desk.pending) == 1
    assert not desk.timers
    desk.accept()
    desk.publish(revise(2))
    assert list(desk.pending) == [SECOND]


def test_a_silence_that_is_over_or_known_already_begins_nothing() -> None:
    desk = Desk()
    desk.silence(0)
    assert not desk.pending
    desk.silence()
    desk.silence(9)
    assert [timer.at for timer in desk.timers.values()] == [desk.now + timedelta(hours=2)]


def test_a_root_that_was_shown_before_a_silence_is_edited_after_it() -> None:
    desk = Desk()
    desk.publish(alert())
    desk.accept()
    desk.silence()
    desk.accept()
    desk.publish(revise(2, NOT_ABNORMAL))
    desk.pass_time(hours=2)
    edits = [each for each in desk.pending.values() if each.is_alert]
    assert [(each.root, each.pings) for each in edits] == [("m-1", False)]
    assert desk.thread.channels["chat"].is_withdrawn


# Quiet hours and digests.


@pytest.mark.parametrize(
    ("begin", "end", "zone", "until"),
    [
        ("11:00", "13:30", "UTC", datetime(2022, 1, 5, 13, 30, tzinfo=UTC)),
        ("11:00", "07:00", "UTC", datetime(2022, 1, 6, 7, tzinfo=UTC)),
        ("06:00", "07:30", "America/New_York", datetime(2022, 1, 5, 12, 30, tzinfo=UTC)),
        ("13:00", "07:00", "UTC", None),
        ("12:00", "12:01", "UTC", datetime(2022, 1, 5, 12, 1, tzinfo=UTC)),
        ("10:00", "12:00", "UTC", None),
    ],
)
def test_quiet_hours_are_the_desks_and_hold_back_until_they_end(
    begin: str, end: str, zone: str, until: datetime | None
) -> None:
    desk = Desk(make_route(quiet_from=begin, quiet_until=end), zone=zone)
    desk.publish(alert(severity=Severity.HIGH))
    assert [timer.at for timer in desk.timers.values()] == ([] if until is None else [until])
    assert len(desk.pending) == (until is None)


def test_quiet_hours_let_critical_alerts_through_unless_told() -> None:
    for told in (False, True):
        desk = Desk(make_route(quiet_from="11:00", quiet_until="13:00", quiet_for_critical=told))
        desk.publish(alert())
        assert len(desk.pending) == (not told)


def test_alerts_of_one_millisecond_make_one_digest() -> None:
    desk = Desk(make_route(digest_minutes=10))
    desk.publish(alert(), alert(alert_id="other"))
    desk.pass_time(minutes=9)
    assert not desk.pending
    desk.pass_time(minutes=1)
    assert len(desk.pending) == 1
    desk.accept()
    desk.pass_time(minutes=20)
    assert not desk.pending


def test_a_timer_that_fires_twice_makes_the_same_digest_once() -> None:
    desk = Desk(make_route(digest_minutes=10))
    desk.publish(alert())
    desk.now += timedelta(minutes=10)
    for _ in range(2):
        desk.take(DueRecord(timer="digest:chat", at=desk.now))
    assert len(desk.pending) == 1
    desk.expect_sum()


def test_a_digest_that_falls_into_a_silence_waits_for_its_end() -> None:
    desk = Desk(make_route(digest_minutes=10))
    desk.publish(alert())
    desk.silence()
    desk.accept()
    desk.pass_time(minutes=11)
    assert not desk.pending
    desk.pass_time(hours=2)
    assert [each.lock_screen for each in desk.pending.values()] == [
        "Silence ended: 1 alert held back, the loudest critical"
    ]
    desk.accept()
    desk.pass_time(hours=2)
    assert not desk.pending


# Rule 2: no clock of ours ends a timer early.


def test_a_due_record_before_its_time_is_ignored() -> None:
    desk = Desk()
    desk.silence()
    desk.accept()
    desk.take(DueRecord(timer="silence:lunch", at=desk.now + timedelta(hours=2)))
    assert desk.values["silence"]
    assert not desk.pending


def test_a_due_record_of_an_unknown_timer_is_ignored() -> None:
    desk = Desk()
    desk.take(DueRecord(timer="silence:nothing", at=desk.now))
    assert not any(desk.values.values())


# Acknowledgement and fallback.


def test_what_nobody_acknowledges_goes_to_the_fallback() -> None:
    desk = Desk(make_route(fallback="pager", fallback_minutes=10), make_route("pager", is_fallback_only=True))
    desk.publish(alert())
    desk.accept()
    desk.pass_time(minutes=10)
    assert [each.channel for each in desk.pending.values()] == ["pager"]
    desk.accept()
    desk.pass_time(hours=1)
    assert not desk.pending


def test_an_acknowledgement_stops_the_fallback_and_every_channel_that_edits_learns_of_it() -> None:
    routes = (
        make_route(fallback="pager", fallback_minutes=10),
        make_route("mail", Revisions.FOLLOW_UP),
        make_route("desk"),
        make_route("pager", is_fallback_only=True),
    )
    desk = Desk(*routes)
    desk.publish(alert())
    desk.accept()
    desk.answer(AnswerKind.ACKNOWLEDGE, via="chat")
    assert {each.channel: each.note for each in desk.pending.values()} == {
        "chat": "Acknowledged by anna at 12:00 UTC, 5 January",
        "desk": "Acknowledged by anna at 12:00 UTC, 5 January",
    }
    assert not any(each.pings for each in desk.pending.values())
    desk.accept()
    desk.pass_time(hours=1)
    assert not desk.pending
    desk.answer(AnswerKind.ACKNOWLEDGE, by="ben")
    assert not desk.pending


def test_a_silence_holds_the_fallback_too() -> None:
    desk = Desk(make_route(fallback="pager", fallback_minutes=10), make_route("pager", is_fallback_only=True))
    desk.publish(alert())
    desk.accept()
    desk.silence(1)
    desk.accept()
    desk.pass_time(minutes=59)
    assert not desk.pending
    desk.pass_time(minutes=1)
    assert "pager" in {each.channel for each in desk.pending.values() if each.is_alert}


@pytest.mark.parametrize("acknowledged", [False, True])
def test_what_a_silence_held_back_goes_to_the_fallback_after_its_end(acknowledged: bool) -> None:
    desk = Desk(make_route(fallback="pager", fallback_minutes=10), make_route("pager", is_fallback_only=True))
    desk.silence(1)
    desk.accept()
    desk.publish(alert())
    desk.pass_time(hours=1)
    desk.accept()
    if acknowledged:
        desk.answer(AnswerKind.ACKNOWLEDGE)
    desk.pass_time(minutes=9)
    assert not desk.pending
    desk.pass_time(minutes=1)
    assert [each.channel for each in desk.pending.values()] == ([] if acknowledged else ["pager"])


def test_a_fallback_that_is_due_for_longer_than_an_alert_is_news_wakes_nobody() -> None:
    desk = Desk(make_route(fallback="pager", fallback_minutes=10), make_route("pager", is_fallback_only=True))
    desk.publish(alert())
    desk.accept()
    desk.now += timedelta(hours=6, minutes=11)
    (name,) = desk.timers
    desk.take(DueRecord(timer=name, at=desk.now))
    assert not desk.pending
    assert not desk.timers


def test_old_alerts_wake_nobody_by_a_fallback() -> None:
    desk = Desk(make_route(fallback="pager", fallback_minutes=10), make_route("pager", is_fallback_only=True))
    desk.publish(alert(), age=timedelta(days=3))
    desk.pass_time(hours=1)
    assert {each.channel for each in desk.pending.values()} == {"chat"}


def test_fallbacks_that_name_each_other_end() -> None:
    desk = Desk(make_route("a", fallback="b"), make_route("b", fallback="a"))
    desk.publish(alert())
    desk.accept()
    desk.pass_time(days=1)
    assert not desk.pending
    assert not desk.timers


# Feedback, and alerts that are sent again.


def test_the_last_word_of_each_person_counts() -> None:
    desk = Desk()
    desk.publish(alert())
    for by, kind in (
        ("anna", AnswerKind.USEFUL),
        ("ben", AnswerKind.FALSE_ALARM),
        ("anna", AnswerKind.FALSE_ALARM),
        ("ben", AnswerKind.USEFUL),
        ("ben", AnswerKind.USEFUL),
    ):
        desk.answer(kind, by=by)
    assert desk.totals.feedback == {"critical": (2, 1)}


def test_an_alert_is_sent_again_as_a_first_message() -> None:
    desk = Desk(make_route(), make_route("mail"))
    desk.publish(alert())
    desk.accept()
    desk.answer(AnswerKind.RESEND, id="again", channel="mail")
    (delivery,) = desk.pending.values()
    assert (delivery.channel, delivery.root) == ("mail", None)


@pytest.mark.parametrize("kind", [kind for kind in AnswerKind if kind is not AnswerKind.SILENCE])
def test_answers_about_threads_that_nobody_knows_change_nothing(kind: AnswerKind) -> None:
    desk = Desk()
    desk.answer(kind, thread="nobody")
    desk.answer(kind, thread=None)
    assert not any(desk.values.values())


# Everything at once.


class Chance:
    """What may happen at a desk, by name."""

    def __init__(self) -> None:
        self.desk = Desk(
            make_route(fallback="pager", quiet_from="13:00", quiet_until="14:00", quiet_for_critical=True),
            make_route("mail", Revisions.FOLLOW_UP, digest_minutes=5),
            make_route("pager", is_fallback_only=True),
        )
        self.count = 1

    def do(self, action: str) -> None:
        self.count += 1
        actions: dict[str, Callable[[], None]] = {
            "alert": lambda: self.desk.publish(alert(alert_id=f"thread-{self.count}")),
            "revise": lambda: self.desk.publish(revise(self.count)),
            "turn": lambda: self.desk.publish(revise(self.count, {"direction": Direction.DOWN})),
            "close": lambda: self.desk.publish(close(self.count)),
            "accept": self.desk.accept,
            "fail": lambda: self.end(AttemptOutcome.FAILED),
            "retry": lambda: self.end(AttemptOutcome.RETRY),
            "silence": lambda: self.desk.silence(1, id=f"silence-{self.count}"),
            "acknowledge": lambda: self.desk.answer(AnswerKind.ACKNOWLEDGE),
            "wait": lambda: self.desk.pass_time(minutes=7),
            "an hour": lambda: self.desk.pass_time(hours=1),
        }
        actions[action]()

    def end(self, outcome: AttemptOutcome) -> None:
        for name in list(self.desk.pending)[:1]:
            self.desk.attempt(name, outcome)


ACTIONS = (
    *("alert", "revise", "turn", "close", "accept", "fail", "retry", "silence", "acknowledge", "wait"),
    "an hour",
)


@given(st.lists(st.sampled_from(ACTIONS), max_size=40))
def test_whatever_happens_the_counts_add_up_and_nothing_is_held_back_for_ever(actions: list[str]) -> None:
    chance = Chance()
    for action in actions:
        chance.do(action)
        chance.desk.expect_sum()
    chance.desk.accept()
    chance.desk.pass_time(days=2)
    chance.desk.accept()
    chance.desk.expect_sum()
    assert not chance.desk.values["held"]
    assert not chance.desk.timers
