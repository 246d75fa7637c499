"""The stages between an alert and its delivery: route, hold back, compare; functions of their arguments.

route     is the alert for this channel at all?
hold      is it to wait: too old, silenced, quiet hours, a digest?
compare   does it change what the channel shows, and is the change important enough to ping?
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from brentwatch.core.domain import Alert, Severity
from brentwatch.message.alert_state import is_complete, is_withdrawn
from brentwatch.message.alert_text import list_shown_figures
from brentwatch.notify.messages import Revisions
from brentwatch.notify.policy import ChannelSettings, Stage
from brentwatch.notify.values import ShownThread, Silence, View

MOST_POSTS = 2
"""Posts below a root, or follow-ups: a thread that pings more often is muted by its readers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One channel as the fold sees it: its settings, and what it does with revisions.

    Nothing is sent to one `is_fallback_only` but what another channel's readers did not acknowledge.
    """

    name: str
    settings: ChannelSettings
    revisions: Revisions
    minimum: Severity
    is_fallback_only: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Policies:
    """All routes by channel, the desk's zone, and the age from which an alert is no news."""

    routes: dict[str, Route]
    zone: ZoneInfo
    longest_age: timedelta


class Skip(StrEnum):
    """Why a revision is not for a channel; counted as suppressed."""

    REPEAT = "repeat"
    FALLBACK_ONLY = "fallback_only"
    SEVERITY = "below_severity"
    STAGE = "stage"
    COUNTRY = "country"
    EVENT_CLASS = "class"
    UNCHANGED = "unchanged"
    MINOR = "minor"


class Hold(StrEnum):
    """Why a revision is held back for a digest."""

    AGE = "age"
    SILENCE = "silence"
    QUIET_HOURS = "quiet_hours"
    DIGEST = "digest"


def find_thread(alert: Alert) -> str:
    """The thread of an alert: one for the tests within a session and that of the session itself."""
    return alert.alert_id if alert.within is None else alert.within.session_alert_id


def find_stage(alert: Alert) -> Stage:
    """Where the alert stands in the life of its thread."""
    return Stage.SETTLEMENT if alert.within is None else Stage.INTRADAY


def route_alert(route: Route, alert: Alert, shown: ShownThread | None) -> Skip | None:
    """Why the alert is not for this channel; None where it is. What is shown already is kept up to date."""
    if shown is not None:
        return None
    settings = route.settings
    countries = {event.country for event in alert.events}
    classes = {event.event_class for event in alert.events}
    if route.is_fallback_only:
        return Skip.FALLBACK_ONLY
    if alert.severity.rank < route.minimum.rank:
        return Skip.SEVERITY
    if find_stage(alert) not in settings.stages:
        return Skip.STAGE
    if settings.countries and countries.isdisjoint(settings.countries):
        return Skip.COUNTRY
    if settings.classes and classes.isdisjoint(settings.classes):
        return Skip.EVENT_CLASS
    return None


def find_hold(
    view: View, policies: Policies, route: Route, severity: Severity, *, at: datetime, age: timedelta
) -> tuple[Hold, datetime] | None:
    """Why an alert is held back at the time `at`, and until when; None where it is sent at once."""
    if age > policies.longest_age:
        return Hold.AGE, at + timedelta(minutes=1)
    if (until := find_silence_end(view, route.name)) is not None:
        return Hold.SILENCE, until
    is_exempt = severity is Severity.CRITICAL and not route.settings.quiet_for_critical
    if not is_exempt and (until := find_quiet_end(route.settings, policies.zone, at)) is not None:
        return Hold.QUIET_HOURS, until
    if route.settings.digest_minutes:
        return Hold.DIGEST, at + timedelta(minutes=route.settings.digest_minutes)
    return None


def list_silences(view: View, channel: str) -> list[Silence]:
    """The silences of a channel that have not ended."""
    return [silence for _, silence in view.list(Silence) if silence.channel in (None, channel)]


def find_silence_end(view: View, channel: str) -> datetime | None:
    """When the last silence of a channel ends; None where there is none. Its timer ends a silence."""
    return max((silence.until for silence in list_silences(view, channel)), default=None)


def find_quiet_end(settings: ChannelSettings, zone: ZoneInfo, at: datetime) -> datetime | None:
    """When the quiet hours end in which `at` falls; None where it falls in none."""
    begin, end = settings.quiet_from, settings.quiet_until
    if begin is None or end is None:
        return None
    local = at.astimezone(zone)
    now = local.time().replace(tzinfo=None)
    is_quiet = begin <= now < end if begin < end else now >= begin or now < end
    if not is_quiet:
        return None
    day = local.date() if now < end else local.date() + timedelta(days=1)
    return datetime.combine(day, end, zone).astimezone(UTC)


def is_over(alert: Alert) -> bool:
    """True where the thread is over: the move was withdrawn, or the last daily window is complete."""
    return is_withdrawn(alert) or (alert.within is None and is_complete(alert))


def show(alert: Alert, shown: ShownThread | None) -> ShownThread:
    """What a channel shows of a thread once this revision is sent."""
    return ShownThread(
        alert_id=alert.alert_id,
        revision=alert.revision,
        severity=alert.severity,
        direction=alert.direction,
        figures=" ".join(list_shown_figures(alert)),
        root=None if shown is None else shown.root,
        is_withdrawn=is_withdrawn(alert),
        is_closed=is_over(alert),
        posts=0 if shown is None else shown.posts,
        seen_by=() if shown is None else shown.seen_by,
    )


def compare(revisions: Revisions, before: ShownThread | None, after: ShownThread) -> tuple[Skip | None, bool]:
    """Whether a revision is left out, and why; and whether it pings.

    It pings when severity rises, the sign turns, the move is withdrawn or comes back, or the thread closes;
    at most twice. What changes no figure is left out, and where nothing can be edited also what would not
    ping. While the first message is not accepted, a newer revision takes its place.
    """
    if before is None:
        return None, True
    if before.figures == after.figures:
        return Skip.UNCHANGED, False
    if revisions is Revisions.EVERY or before.root is None:
        return None, True
    is_important = (
        after.severity.rank > before.severity.rank
        or after.direction is not before.direction
        or after.is_withdrawn is not before.is_withdrawn
        or (after.is_closed and not before.is_closed)
    )
    pings = is_important and before.posts < MOST_POSTS
    is_left_out = revisions is Revisions.FOLLOW_UP and not pings
    return (Skip.MINOR if is_left_out else None), pings
