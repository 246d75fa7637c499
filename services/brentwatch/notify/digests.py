"""What is held back, and the digests and notices that tell of it."""

from collections.abc import Iterator
from datetime import datetime

from msgspec.structs import replace

from brentwatch.core.domain import Severity
from brentwatch.message.figures import format_count
from brentwatch.message.foreign import clean, cut_text
from brentwatch.notify import stages
from brentwatch.notify.messages import Revisions, rank_severity
from brentwatch.notify.outbox import (
    add_pending,
    count_end,
    count_recorded,
    deliver,
    expect_thread,
    start_fallback,
)
from brentwatch.notify.stages import Policies, Route
from brentwatch.notify.values import AlertThread, HeldBack, Item, Pending, Silence, Timer, View
from brentwatch.wire.published import CARD_LINE_CHARACTERS, LOCK_SCREEN_CHARACTERS

_MOST_LINES = 5
"""A card has six lines; the last one counts the others."""


def hold_back(
    view: View, channel: str, name: str, thread: AlertThread, reason: stages.Hold, until: datetime
) -> None:
    """Put the newest line of a thread into the digest of a channel, whose readers then know of it."""
    if channel not in thread.digested:
        view.put(name, replace(thread, digested=(*thread.digested, channel)))
    held = view.get(HeldBack, channel) or HeldBack(items={})
    items = {**held.items, name: Item(line=thread.title, severity=thread.severity, reason=reason)}
    view.put(channel, HeldBack(items=items))
    timer = name_timer(channel)
    if view.get(Timer, timer) is None:
        view.put(timer, Timer(at=until))
    count_recorded(view, channel)
    count_end(view, channel, "digested")


def name_timer(channel: str) -> str:
    """The timer at which the digest of a channel is due."""
    return f"digest:{channel}"


def send_digest(view: View, policies: Policies, channel: str, at: datetime) -> None:
    """Make one message of what is held back, unless a silence or quiet hours still hold it."""
    held, route = view.get(HeldBack, channel), policies.routes.get(channel)
    if held is None or route is None:
        return
    loudest = _find_loudest(held)
    is_exempt = loudest is Severity.CRITICAL and not route.settings.quiet_for_critical
    quiet = None if is_exempt else stages.find_quiet_end(route.settings, policies.zone, at)
    ends = [each for each in (stages.find_silence_end(view, channel), quiet) if each is not None]
    if ends:
        view.put(name_timer(channel), Timer(at=max(ends)))
        return
    view.remove(HeldBack, channel)
    view.remove(Timer, name_timer(channel))
    _post(view, channel, f"digest:{at.isoformat()}", _describe_held(held), held, at)
    _catch_up(view, route, held, at)


def end_silence(view: View, policies: Policies, name: str, at: datetime) -> None:
    """End a silence, and tell each channel what happened meanwhile, or that nothing did."""
    silence = view.get(Silence, name)
    if silence is None:
        return
    view.remove(Silence, name)
    view.remove(Timer, f"silence:{name}")
    for route in list_silenced(policies, silence):
        _end_for_channel(view, policies, route, name, at)


def _end_for_channel(view: View, policies: Policies, route: Route, name: str, at: datetime) -> None:
    if stages.find_silence_end(view, route.name) is not None:
        return  # another one goes on, and its end tells
    held = view.get(HeldBack, route.name)
    view.remove(HeldBack, route.name)
    view.remove(Timer, name_timer(route.name))
    told = f"Silence ended: {_describe_held(held) if held else 'no alerts came meanwhile'}"
    _post(view, route.name, f"silence:{name}:end", told, held, at)
    if held is not None:
        _catch_up(view, route, held, at)


def start_silence(view: View, policies: Policies, name: str, silence: Silence, at: datetime) -> None:
    """Hold back what comes until the silence ends, and post that it began."""
    view.put(name, silence)
    view.put(f"silence:{name}", Timer(at=silence.until))
    reason = f": {silence.reason}" if silence.reason else ""
    told = f"Silenced until {silence.until:%H:%M} UTC, {silence.until:%-d %B}, by {silence.by}{reason}"
    for route in list_silenced(policies, silence):
        _post(view, route.name, f"silence:{name}:start", told, None, at)


def list_silenced(policies: Policies, silence: Silence) -> Iterator[Route]:
    """The channels that a silence is about."""
    for route in policies.routes.values():
        if silence.channel in (None, route.name):
            yield route


def _post(view: View, channel: str, name: str, told: str, held: HeldBack | None, at: datetime) -> None:
    """Record a digest or a notice; its name is the same however often the same timer fires."""
    lines = _list_lines(held) if held else [cut_text(clean(told), CARD_LINE_CHARACTERS)]
    severity = _find_loudest(held) if held else Severity.INFO
    pending = Pending(
        channel=channel,
        thread=name,
        recorded_at=at,
        severity=severity,
        lock_screen=cut_text(clean(told), LOCK_SCREEN_CHARACTERS),
        card="\n".join(lines),
    )
    add_pending(view, f"{channel}:{name}", pending)


def _catch_up(view: View, route: Route, held: HeldBack, at: datetime) -> None:
    """Do what waited as well: first messages are edited where a channel can, and fallbacks begin."""
    for name, item in held.items.items():
        if item.reason != stages.Hold.AGE:
            start_fallback(view, route, name, at)
        shown = expect_thread(view, name).channels.get(route.name)
        if shown is not None and route.revisions is Revisions.EDIT:
            deliver(view, route, name, at=at, pings=False, why=":held")


def _find_loudest(held: HeldBack) -> Severity | None:
    """None where nothing but heads-ups is held back."""
    return max((item.severity for item in held.items.values()), key=rank_severity)


def _describe_held(held: HeldBack) -> str:
    loudest = _find_loudest(held)
    heads_ups = sum(item.severity is None for item in held.items.values())
    counts = {"alert": len(held.items) - heads_ups, "heads-up": heads_ups}
    told = " and ".join(format_count(count, noun) for noun, count in counts.items() if count)
    return f"{told} held back" + (f", the loudest {loudest}" if loudest else "")


def _list_lines(held: HeldBack) -> list[str]:
    """The loudest first, then the newest."""
    ranked = sorted(
        enumerate(held.items.values()), key=lambda each: (-rank_severity(each[1].severity), -each[0])
    )
    more = len(ranked) - _MOST_LINES
    lines = [item.line for _, item in ranked[:_MOST_LINES]]
    return lines if more <= 0 else [*lines, f"and {more} more: brentwatch alerts list"]
