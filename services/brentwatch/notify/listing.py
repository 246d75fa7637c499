"""The notifier's state for people: the alert threads, the channels and the silences."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from difflib import get_close_matches

from brentwatch.core.domain import Severity, Stage
from brentwatch.notify.outbox import decode_newest
from brentwatch.notify.policy import ChannelSettings
from brentwatch.notify.settings import NotifySettings
from brentwatch.notify.values import (
    ENDS,
    Acknowledged,
    AlertThread,
    ChannelRecord,
    HeldBack,
    Pending,
    Silence,
    Totals,
    Values,
)

SHORT = 8
"""Characters of an id that people are shown; more if these begin two ids."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadRow:
    """An alert thread; `channels` has the state of each: pending, held, failed, seen or sent.

    `severity` is None of a heads-up.
    """

    thread: str
    at: datetime
    session: date
    stage: Stage
    severity: Severity | None
    lock_screen: str
    channels: dict[str, str]
    acknowledged: Acknowledged | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelRow:
    """A channel: its policy in words (empty where the settings do not name it), and how it does."""

    channel: str
    policy: str
    record: ChannelRecord
    recorded: int = 0
    ended: dict[str, int] = field(default_factory=dict)
    copies: int = 0
    pending: int = 0
    oldest_pending: datetime | None = None
    held: int = 0


def list_thread_rows(values: Values) -> list[ThreadRow]:
    """All alert threads, the newest first."""
    threads: dict[str, AlertThread] = values["thread"]
    states = _list_states(values, threads)
    rows = [_build_row(name, thread, states[name]) for name, thread in threads.items()]
    return sorted(rows, key=lambda row: row.at, reverse=True)


def _build_row(name: str, thread: AlertThread, channels: dict[str, str]) -> ThreadRow:
    newest = decode_newest(thread.newest)
    return ThreadRow(
        thread=name,
        at=thread.at,
        session=newest.session,
        stage=newest.stage,
        severity=thread.severity,
        lock_screen=thread.title,
        channels=channels,
        acknowledged=thread.acknowledged,
    )


def _list_states(values: Values, threads: Mapping[str, AlertThread]) -> dict[str, dict[str, str]]:
    """The state of each thread on each channel: what is still to come counts before what was."""
    states = {name: dict(_list_shown(thread)) for name, thread in threads.items()}
    held: dict[str, HeldBack] = values["held"]
    pending: dict[str, Pending] = values["delivery"]
    later = [(name, channel, "held") for channel, each in held.items() for name in each.items]
    later += [(each.thread, each.channel, "pending") for each in pending.values()]
    for name, channel, state in later:
        if name in states:  # a digest is no thread
            states[name][channel] = state
    return states


def _list_shown(thread: AlertThread) -> Iterator[tuple[str, str]]:
    for channel, shown in thread.channels.items():
        if shown.seen_by or shown.root is not None:
            yield channel, "seen" if shown.seen_by else "sent"
    for channel in thread.failed:
        yield channel, "failed"


def map_ids(values: Values) -> dict[str, str]:
    """The thread of each id that people see: its own, and those of the alerts in it."""
    threads: dict[str, AlertThread] = values["thread"]
    alerts = {alert: name for name, thread in threads.items() for alert in thread.revisions}
    return alerts | {name: name for name in threads}


def find_by_prefix(ids: Mapping[str, str], prefix: str) -> list[str]:
    """What the ids name that begin with the prefix; only what it names itself where it is a whole id."""
    if prefix in ids:
        return [ids[prefix]]
    return sorted({named for each, named in ids.items() if each.startswith(prefix)})


def find_nearest(names: Collection[str], wanted: str) -> list[str]:
    """Up to three names that are similar to the one asked for; otherwise the last ones."""
    short = {name[: max(len(wanted), SHORT)]: name for name in names}
    close = [short[each] for each in get_close_matches(wanted, short, n=3, cutoff=0.5)]
    return close or list(names)[-3:]


def measure_short(names: Collection[str]) -> int:
    """How many characters tell the names apart, at least `SHORT`."""
    longest = max(map(len, names), default=SHORT)
    lengths = range(SHORT, longest + 1)
    return next((each for each in lengths if len({name[:each] for name in names}) == len(names)), longest)


def list_channel_rows(values: Values, settings: NotifySettings) -> list[ChannelRow]:
    """The channels of the settings, then those that only the state knows."""
    totals: Totals = values["totals"].get("", Totals())
    used = settings.list_used()
    known = [name for name in (*totals.recorded, *values["channel"]) if name not in used]
    return [_build_channel_row(values, settings, totals, name) for name in (*used, *dict.fromkeys(known))]


def _build_channel_row(values: Values, settings: NotifySettings, totals: Totals, channel: str) -> ChannelRow:
    deliveries: dict[str, Pending] = values["delivery"]
    waiting = [each.recorded_at for each in deliveries.values() if each.channel == channel]
    held: HeldBack | None = values["held"].get(channel)
    ended = totals.ended.get(channel, {})
    return ChannelRow(
        channel=channel,
        policy=describe_policy(settings, channel) if channel in settings.list_used() else "",
        record=values["channel"].get(channel, ChannelRecord()),
        recorded=totals.recorded.get(channel, 0),
        ended={end: ended.get(end, 0) for end in ENDS},
        copies=totals.copies.get(channel, 0),
        pending=len(waiting),
        oldest_pending=min(waiting, default=None),
        held=0 if held is None else len(held.items),
    )


def describe_policy(settings: NotifySettings, channel: str) -> str:
    """What a channel is sent, and when, in words."""
    chosen = settings.find_channel(channel)
    return "; ".join(_list_rules(settings, chosen, is_first=channel in settings.channels))


def _list_rules(settings: NotifySettings, chosen: ChannelSettings, *, is_first: bool) -> Iterator[str]:
    minimum: Severity = chosen.minimum_severity or settings.minimum_severity
    if is_first:
        yield f"{minimum} and above"
        yield f"stages {', '.join(chosen.stages)}"
    else:
        yield "only as a fallback"
    if chosen.countries:
        yield f"countries {', '.join(chosen.countries)}"
    if chosen.classes:
        yield f"classes {', '.join(chosen.classes)}"
    if chosen.quiet_from is not None and chosen.quiet_until is not None:
        critical = "critical alerts too" if chosen.quiet_for_critical else "except critical"
        yield (f"quiet {chosen.quiet_from:%H:%M} to {chosen.quiet_until:%H:%M} {settings.zone} ({critical})")
    if chosen.digest_minutes:
        yield f"a digest every {chosen.digest_minutes} minutes"
    if chosen.fallback:
        yield f"not acknowledged in {chosen.fallback_minutes} minutes: {chosen.fallback}"


def list_silences(values: Values) -> list[tuple[str, Silence]]:
    """The silences that have not ended, the next to end first."""
    silences: dict[str, Silence] = values["silence"]
    return sorted(silences.items(), key=lambda each: each[1].until)


def count_fallbacks(values: Values, thread: str) -> int:
    """How many channels wait to be sent a thread because nobody acknowledges it."""
    timers = (name.split(":", 2) for name in values["timer"])
    return sum(parts[0] == "fallback" and parts[-1] == thread for parts in timers)


def count_held(values: Values) -> Counter[str]:
    """How many alerts are held back for each channel."""
    held: dict[str, HeldBack] = values["held"]
    return Counter({channel: len(each.items) for channel, each in held.items()})
