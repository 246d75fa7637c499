"""What people's answers change: acknowledgement, silence, feedback, and the wish to see an alert again."""

from collections.abc import Callable
from datetime import datetime

from msgspec.structs import replace

from brentwatch.core.domain import Severity
from brentwatch.notify import digests
from brentwatch.notify.messages import Revisions, name_severity
from brentwatch.notify.outbox import RESENT, deliver, name_fallback
from brentwatch.notify.stages import Policies
from brentwatch.notify.values import Acknowledged, AlertThread, Silence, Timer, Totals, View
from brentwatch.wire.deliveries import AnswerKind, AnswerRecord


def take_answer(view: View, policies: Policies, answer: AnswerRecord, at: datetime) -> None:
    """Do what was answered at the time `at`."""
    _ANSWERS[answer.answer](view, policies, answer, at)


def _acknowledge(view: View, policies: Policies, answer: AnswerRecord, at: datetime) -> None:
    """Stop the fallbacks of a thread, and tell each channel that can edit."""
    thread = view.get(AlertThread, answer.thread or "")
    if thread is None or answer.thread is None or thread.acknowledged is not None:
        return
    known = Acknowledged(by=answer.by, via=answer.via, at=at)
    view.put(answer.thread, replace(thread, acknowledged=known))
    for channel in list(thread.channels):
        view.remove(Timer, name_fallback(channel, answer.thread))
        route = policies.routes.get(channel)
        if route is not None and route.revisions is Revisions.EDIT:
            deliver(view, route, answer.thread, at=at, pings=False, why=":acknowledged")


def _silence(view: View, policies: Policies, answer: AnswerRecord, at: datetime) -> None:
    """Hold back what comes until the silence ends; its start is posted."""
    if answer.until is None or answer.until <= at or view.get(Silence, answer.id) is not None:
        return
    silence = Silence(by=answer.by, at=at, until=answer.until, channel=answer.channel, reason=answer.reason)
    digests.start_silence(view, policies, answer.id, silence, at)


def _unsilence(view: View, policies: Policies, answer: AnswerRecord, at: datetime) -> None:
    """End a silence now; its name is in `reason`, all end where that is empty."""
    for name, silence in list(view.list(Silence)):
        is_meant = answer.reason in ("", name) and answer.channel in (None, silence.channel)
        if is_meant:
            digests.end_silence(view, policies, name, at)


def _give_feedback(view: View, _: Policies, answer: AnswerRecord, __: datetime) -> None:
    """Count whether an alert was useful; the last word of each person counts."""
    thread = view.get(AlertThread, answer.thread or "")
    if thread is None or answer.thread is None:
        return
    is_useful = answer.answer is AnswerKind.USEFUL
    before = thread.feedback.get(answer.by)
    view.put(answer.thread, replace(thread, feedback={**thread.feedback, answer.by: is_useful}))
    totals = view.get(Totals) or Totals()
    name = name_severity(thread.severity)
    count, useful = totals.feedback.get(name, (0, 0))
    counted = count + (before is None), useful + is_useful - bool(before)
    view.put("", replace(totals, feedback={**totals.feedback, name: counted}))


def move_feedback(view: View, thread: AlertThread, severity: Severity | None) -> None:
    """Count the answers about a thread under the severity that it has now."""
    was, now = name_severity(thread.severity), name_severity(severity)
    if not thread.feedback or was == now:
        return
    totals = view.get(Totals) or Totals()
    moved = len(thread.feedback), sum(thread.feedback.values())
    (count, useful), (others, others_useful) = (totals.feedback.get(each, (0, 0)) for each in (was, now))
    left = max(0, count - moved[0]), max(0, useful - moved[1])
    counted = {was: left, now: (others + moved[0], others_useful + moved[1])}
    view.put("", replace(totals, feedback=totals.feedback | counted))


def _resend(view: View, policies: Policies, answer: AnswerRecord, at: datetime) -> None:
    """Send the newest revision of a thread again, as a first message."""
    thread = view.get(AlertThread, answer.thread or "")
    if thread is None or answer.thread is None:
        return
    for route in policies.routes.values():
        if answer.channel == route.name or (answer.channel is None and route.name in thread.channels):
            deliver(view, route, answer.thread, at=at, pings=True, why=f"{RESENT}{answer.id}")


_ANSWERS: dict[AnswerKind, Callable[[View, Policies, AnswerRecord, datetime], None]] = {
    AnswerKind.ACKNOWLEDGE: _acknowledge,
    AnswerKind.SILENCE: _silence,
    AnswerKind.UNSILENCE: _unsilence,
    AnswerKind.USEFUL: _give_feedback,
    AnswerKind.FALSE_ALARM: _give_feedback,
    AnswerKind.RESEND: _resend,
}
