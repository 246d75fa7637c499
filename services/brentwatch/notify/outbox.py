"""Deliveries as they are recorded, and the counts of how they end: what the parts of the fold share."""

from datetime import datetime, timedelta

from msgspec import Raw
from msgspec.structs import replace

from brentwatch.core.domain import Alert
from brentwatch.notify import stages
from brentwatch.notify.messages import name_severity
from brentwatch.notify.stages import Route
from brentwatch.notify.values import AlertThread, Pending, Timer, Totals, View
from brentwatch.wire.published import decode_alert

RESENT = ":resent:"


def deliver(view: View, route: Route, name: str, *, at: datetime, pings: bool, why: str = "") -> None:
    """Record the delivery of the newest revision of a thread, and the timer of its fallback.

    `why` tells further deliveries of the same revision apart; one that is resent is a first message again.
    """
    thread = expect_thread(view, name)
    alert = decode_newest(thread.newest)
    before = thread.channels.get(route.name)
    after = stages.show(alert, before)
    is_post = before is not None and before.root is not None and pings
    after = replace(after, posts=after.posts + is_post)
    view.put(name, replace(thread, channels={**thread.channels, route.name: after}))
    delivery = Pending(
        channel=route.name,
        thread=name,
        recorded_at=at,
        severity=alert.severity,
        alert=thread.newest,
        root=None if why.startswith(RESENT) else after.root,
        pings=pings,
        note=_describe_acknowledgement(thread),
        feedback=(view.get(Totals) or Totals()).feedback.get(name_severity(alert.severity), (0, 0)),
    )
    add_pending(view, f"{route.name}:{alert.alert_id}:{alert.revision}{why}", delivery)
    if before is None or before.severity is None:
        start_fallback(view, route, name, at)


def start_fallback(view: View, route: Route, name: str, at: datetime) -> None:
    """Begin to wait for an acknowledgement, where a fallback follows and nobody has acknowledged.

    Nothing waits for that of a heads-up: its fallback begins when the thread first has a severity.
    """
    timer = name_fallback(route.name, name)
    thread = expect_thread(view, name)
    is_open = thread.severity is not None and thread.acknowledged is None
    if route.settings.fallback and is_open and view.get(Timer, timer) is None:
        view.put(timer, Timer(at=at + timedelta(minutes=route.settings.fallback_minutes)))


def _describe_acknowledgement(thread: AlertThread) -> str:
    known = thread.acknowledged
    return "" if known is None else f"Acknowledged by {known.by} at {known.at:%H:%M} UTC, {known.at:%-d %B}"


def name_fallback(channel: str, thread: str) -> str:
    """The timer after which the readers of a channel have not acknowledged a thread."""
    return f"fallback:{channel}:{thread}"


def add_pending(view: View, name: str, delivery: Pending) -> None:
    """Record a delivery, unless it is recorded already."""
    if view.get(Pending, name) is None:
        view.put(name, delivery)
        count_recorded(view, delivery.channel)


def count_recorded(view: View, channel: str) -> None:
    """Count a recorded delivery."""
    totals = view.get(Totals) or Totals()
    view.put("", replace(totals, recorded=add_one(totals.recorded, channel)))


def count_end(view: View, channel: str, end: str) -> None:
    """Count how a delivery ended."""
    totals = view.get(Totals) or Totals()
    ended = {**totals.ended, channel: add_one(totals.ended.get(channel, {}), end)}
    view.put("", replace(totals, ended=ended))


def count_suppressed(view: View, reason: stages.Skip) -> None:
    """Count a revision that is no delivery."""
    totals = view.get(Totals) or Totals()
    view.put("", replace(totals, suppressed=add_one(totals.suppressed, reason.value)))


def add_one(counts: dict[str, int], name: str) -> dict[str, int]:
    """The counts with one more of that name."""
    return {**counts, name: counts.get(name, 0) + 1}


def expect_thread(view: View, name: str) -> AlertThread:
    """The thread of that name, which is recorded."""
    thread = view.get(AlertThread, name)
    if thread is None:
        raise LookupError(f"thread {name} is not known")
    return thread


def decode_newest(document: Raw) -> Alert:
    """The alert in a value of the state."""
    return decode_alert(bytes(document)).alert
