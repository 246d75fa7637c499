"""What the outcome of one attempt to send changes."""

from collections.abc import Callable

from msgspec.structs import replace

from brentwatch.notify import values
from brentwatch.notify.messages import Revisions
from brentwatch.notify.outbox import add_one, count_end
from brentwatch.notify.stages import Policies
from brentwatch.wire.deliveries import AttemptOutcome, AttemptRecord


def take_attempt(view: values.View, policies: Policies, attempt: AttemptRecord) -> None:
    """End the delivery that the attempt is of, unless it is tried again."""
    if _is_repeated(view, attempt):
        return
    pending = view.get(values.Pending, attempt.delivery)
    _note_attempt(view, attempt)
    _note_failed(view, attempt)
    match attempt.outcome:
        case AttemptOutcome.RETRY:
            return
        case AttemptOutcome.SEEN:
            _change_shown(view, attempt, lambda shown: _add_reader(shown, attempt.detail))
            return
        case AttemptOutcome.ACCEPTED:
            _change_shown(view, attempt, lambda shown: _set_root(shown, policies, attempt))
    if pending is None:
        if attempt.outcome is AttemptOutcome.ACCEPTED:
            totals = view.get(values.Totals) or values.Totals()
            view.put("", replace(totals, copies=add_one(totals.copies, attempt.channel)))
        return
    view.remove(values.Pending, attempt.delivery)
    count_end(view, attempt.channel, attempt.outcome.value)
    if attempt.outcome is AttemptOutcome.FAILED:
        _forget_unshown(view, attempt)


def _is_repeated(view: values.View, attempt: AttemptRecord) -> bool:
    """True for a record that was written a second time: where Kafka fails, the writer does not know."""
    known = view.get(values.ReplicaRecord, attempt.replica)
    if known is not None and known.run == attempt.run and attempt.number <= known.number:
        return True
    view.put(attempt.replica, values.ReplicaRecord(run=attempt.run, number=attempt.number))
    return False


def _add_reader(shown: values.ShownThread, reader: str) -> values.ShownThread:
    return replace(shown, seen_by=tuple(dict.fromkeys((*shown.seen_by, reader))))


def _set_root(shown: values.ShownThread, policies: Policies, attempt: AttemptRecord) -> values.ShownThread:
    """What the first message is called; where it could not be edited, another one took its place."""
    route = policies.routes.get(attempt.channel)
    is_edited = route is not None and route.revisions is Revisions.EDIT
    replaced = attempt.message_id if is_edited else ""
    return replace(shown, root=replaced or shown.root or attempt.message_id or attempt.delivery)


def _change_shown(
    view: values.View, attempt: AttemptRecord, change: Callable[[values.ShownThread], values.ShownThread]
) -> None:
    thread = view.get(values.AlertThread, attempt.thread)
    shown = thread.channels.get(attempt.channel) if thread else None
    if thread is not None and shown is not None:
        channels = {**thread.channels, attempt.channel: change(shown)}
        view.put(attempt.thread, replace(thread, channels=channels))


def _forget_unshown(view: values.View, attempt: AttemptRecord) -> None:
    """The first message of a thread failed: the next revision is a first message again."""
    thread = view.get(values.AlertThread, attempt.thread)
    shown = thread.channels.get(attempt.channel) if thread else None
    if thread is not None and shown is not None and shown.root is None:
        channels = {name: each for name, each in thread.channels.items() if name != attempt.channel}
        view.put(attempt.thread, replace(thread, channels=channels))


def _note_failed(view: values.View, attempt: AttemptRecord) -> None:
    """Say of the thread whether the last delivery to this channel was given up."""
    thread = view.get(values.AlertThread, attempt.thread)
    is_failed = attempt.outcome is AttemptOutcome.FAILED
    if thread is None or attempt.outcome not in (AttemptOutcome.ACCEPTED, AttemptOutcome.FAILED):
        return
    if is_failed is not (attempt.channel in thread.failed):
        others = tuple(name for name in thread.failed if name != attempt.channel)
        view.put(attempt.thread, replace(thread, failed=(*others, *[attempt.channel] * is_failed)))


def _note_attempt(view: values.View, attempt: AttemptRecord) -> None:
    known = view.get(values.ChannelRecord, attempt.channel) or values.ChannelRecord()
    match attempt.outcome:
        case AttemptOutcome.ACCEPTED:
            view.put(attempt.channel, replace(known, accepted_at=attempt.at, failures=0))
        case AttemptOutcome.RETRY | AttemptOutcome.FAILED:
            failed = replace(known, failed_at=attempt.at, failures=known.failures + 1, reason=attempt.reason)
            view.put(attempt.channel, failed)
