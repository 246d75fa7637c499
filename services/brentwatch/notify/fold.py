"""The notifier's fold: what one record of `impact.deliveries` changes. It sends nothing and asks no clock.

Every alert revision becomes at most one delivery a channel (`stages.py` says which), or is held back for a
digest. A delivery is pending until an `attempt` says how it ended:

    alert ──▶ pending ──▶ accepted | failed | superseded
          └─▶ held ─(due)─▶ digested, and one digest ──▶ pending ──▶ accepted | failed

Rules. (1) A revision that was recorded before changes nothing: the job that copies alerts writes some twice.
(2) Time is the append time of each record; a timer ends only by a `due` record that was appended after it, so
no clock of ours can end one early. (3) A silence postpones: what it holds back comes when it ends, in one
digest that says "nothing" where nothing was held; a fallback waits for its end. (4) An ended delivery is
counted and forgotten; the topic keeps the record. (5) A heads-up wakes nobody: it has no severity, and no
fallback waits for its acknowledgement. A channel that got it gets the outcome too.
"""

from datetime import datetime, timedelta
from typing import assert_never

from msgspec.structs import replace

from brentwatch.core.domain import Alert
from brentwatch.message.alert_text import write_alert_text
from brentwatch.notify import digests, stages
from brentwatch.notify.attempts import take_attempt
from brentwatch.notify.outbox import count_suppressed, deliver, expect_thread
from brentwatch.notify.people import move_feedback, take_answer
from brentwatch.notify.stages import Policies, Route
from brentwatch.notify.values import AlertThread, Timer, View
from brentwatch.wire.deliveries import AlertRecord, AnswerRecord, AttemptRecord, DeliveryRecord, DueRecord
from brentwatch.wire.published import PublishedAlert, decode_alert

_CLOCK_STEP = timedelta(milliseconds=1)
"""Append times are whole milliseconds."""


def step(view: View, policies: Policies, record: DeliveryRecord, at: datetime) -> None:
    """Make the changes of one record that was appended at the time `at`, in `view`."""
    match record:
        case AlertRecord():
            _take_alert(view, policies, record, at)
        case AnswerRecord():
            take_answer(view, policies, record, at)
        case AttemptRecord():
            take_attempt(view, policies, record)
        case DueRecord(timer=name):
            timer = view.get(Timer, name)
            if timer is not None and at >= timer.at - _CLOCK_STEP:
                view.remove(Timer, name)
                _end_timer(view, policies, name, at, late_by=at - timer.at)
        case _:
            assert_never(record)


def _take_alert(view: View, policies: Policies, record: AlertRecord, at: datetime) -> None:
    published = decode_alert(bytes(record.alert))
    alert, name = published.alert, published.thread
    known = view.get(AlertThread, name)
    if known is not None and known.revisions.get(alert.alert_id, 0) >= alert.revision:
        count_suppressed(view, stages.Skip.REPEAT)
        return
    view.put(name, _update_thread(view, known, record, published, at))
    for route in policies.routes.values():
        _offer(view, policies, route, name, alert, at=at, age=at - record.published_at)


def _update_thread(
    view: View, known: AlertThread | None, record: AlertRecord, published: PublishedAlert, at: datetime
) -> AlertThread:
    """The thread with a revision that is news in it.

    The acknowledgement of a heads-up does not count for the alert that it becomes.
    """
    alert = published.alert
    text = published.text or write_alert_text(alert)
    thread = AlertThread(
        revisions={**(known.revisions if known else {}), alert.alert_id: alert.revision},
        newest=record.alert,
        title=text.lock_screen,
        severity=alert.severity,
        at=at,
    )
    if known is None:
        return thread
    move_feedback(view, known, alert.severity)
    is_first_alert = known.severity is None and alert.severity is not None
    return replace(
        thread,
        channels=known.channels,
        acknowledged=None if is_first_alert else known.acknowledged,
        feedback=known.feedback,
        digested=known.digested,
        failed=known.failed,
    )


def _offer(
    view: View, policies: Policies, route: Route, name: str, alert: Alert, *, at: datetime, age: timedelta
) -> None:
    """Deliver a revision to one channel, hold it back, or count why not."""
    thread = expect_thread(view, name)
    shown = thread.channels.get(route.name)
    is_known = shown is not None or route.name in thread.digested
    if skip := stages.route_alert(route, alert, is_known=is_known):
        count_suppressed(view, skip)
        return
    after = stages.show(alert, shown)
    skip, pings = stages.compare(route.revisions, shown, after)
    if skip is not None:
        count_suppressed(view, skip)
        return
    hold = stages.find_hold(view, policies, route, alert.severity, at=at, age=age)
    if hold is not None:
        digests.hold_back(view, route.name, name, thread, *hold)
        return
    deliver(view, route, name, at=at, pings=pings)


def _end_timer(view: View, policies: Policies, name: str, at: datetime, *, late_by: timedelta) -> None:
    kind, _, rest = name.partition(":")
    match kind:
        case "silence":
            digests.end_silence(view, policies, rest, at)
        case "digest":
            digests.send_digest(view, policies, rest, at)
        case "fallback" if late_by <= policies.longest_age:  # else nobody is woken by what is old
            _fall_back(view, policies, name, at)


def _fall_back(view: View, policies: Policies, name: str, at: datetime) -> None:
    """Nobody acknowledged: the next channel gets the newest revision, unless it has the thread already."""
    _, channel, thread_name = name.split(":", 2)
    thread, route = view.get(AlertThread, thread_name), policies.routes.get(channel)
    if thread is None or route is None or thread.acknowledged is not None:
        return
    ends = [stages.find_silence_end(view, each) for each in (channel, route.settings.fallback or "")]
    if known := [each for each in ends if each is not None]:
        view.put(name, Timer(at=max(known)))
        return
    following = policies.routes.get(route.settings.fallback or "")
    if following is not None and following.name not in thread.channels:
        deliver(view, following, thread_name, at=at, pings=True)
