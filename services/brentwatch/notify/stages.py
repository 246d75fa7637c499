"""The stages between an alert and its delivery: route, hold back, compare; functions of their arguments.

route     is the alert for this channel at all?
hold      is it to wait: too old, silenced, quiet hours, a digest?
compare   does it change what the channel shows, and is the change important enough to ping?
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from brentwatch.core.domain import Alert, Direction, Severity, Stage
from brentwatch.message.alert_state import is_closed, is_withdrawn
from brentwatch.message.alert_text import list_shown_figures
from brentwatch.notify.messages import Revisions, rank_severity
from brentwatch.notify.policy import ChannelSettings
from brentwatch.notify.values import ShownThread, Silence, View

MOST_POSTS = 2
"""Posts below a root, or follow-ups: a thread that pings more often is muted by its readers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One channel as the fold sees it: its settings, and what it does with revisions.

    A channel that `is_fallback_only` is sent only what the readers of another channel did not acknowledge.
    `yearly_false_alarms` is the number to expect at most if nothing happens, over all instruments; None if
    unknown.
    """

    name: str
    settings: ChannelSettings
    revisions: Revisions
    minimum: Severity
    is_fallback_only: bool = False
    yearly_false_alarms: float | None = None


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


def list_told_stages(alert: Alert) -> set[Stage]:
    """The stages by which an alert is for a channel: those of its abnormal tests, and its end.

    Without a severity it is a heads-up, whatever its tests have found since.
    """
    if alert.severity is None:
        return {Stage.HEADS_UP}
    abnormal = {each.stage for each in alert.tests if each.is_abnormal}
    return abnormal | {alert.stage} if alert.stage is Stage.FINAL or not abnormal else abnormal


def route_alert(route: Route, alert: Alert, *, is_known: bool) -> Skip | None:
    """Why the alert is not for this channel; None where it is.

    What its readers know of is kept up to date, whatever the settings say: who got a heads-up, or a line of
    it in a digest, learns the outcome.
    """
    if is_known:
        return None
    settings = route.settings
    countries = {event.country for event in alert.events}
    classes = {event.event_class for event in alert.events}
    if route.is_fallback_only:
        return Skip.FALLBACK_ONLY
    if alert.severity is not None and alert.severity.rank < route.minimum.rank:
        return Skip.SEVERITY
    if list_told_stages(alert).isdisjoint(settings.stages):
        return Skip.STAGE
    if settings.countries and countries.isdisjoint(settings.countries):
        return Skip.COUNTRY
    if settings.classes and classes.isdisjoint(settings.classes):
        return Skip.EVENT_CLASS
    return None


def find_hold(
    view: View, policies: Policies, route: Route, severity: Severity | None, *, at: datetime, age: timedelta
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


def show(alert: Alert, shown: ShownThread | None) -> ShownThread:
    """What a channel shows of a thread once this revision is sent."""
    withdrawn, closed = is_withdrawn(alert), is_closed(alert)
    return ShownThread(
        alert_id=alert.alert_id,
        revision=alert.revision,
        severity=alert.severity,
        direction=_find_direction(alert),
        figures=" ".join(list_shown_figures(alert)),
        root=None if shown is None else shown.root,
        is_told=withdrawn or closed or alert.stage.rank >= Stage.SETTLEMENT.rank,
        is_withdrawn=withdrawn,
        is_closed=closed,
        posts=0 if shown is None else shown.posts,
        seen_by=() if shown is None else shown.seen_by,
    )


def _find_direction(alert: Alert) -> Direction | None:
    """That of the first line; a heads-up never has one."""
    return None if alert.severity is None or alert.lead is None else alert.lead.direction


def compare(revisions: Revisions, before: ShownThread | None, after: ShownThread) -> tuple[Skip | None, bool]:
    """Whether a revision is left out, and why; and whether it pings.

    It pings when severity rises, the sign turns, the move is withdrawn or comes back, or the thread closes;
    at most twice. A heads-up that becomes an alert always pings, and one that does not never does. What
    changes no figure is left out, and where nothing can be edited also what would not ping, but for the
    answer of the settlement to what was sent before it. While the first message is not accepted, a newer
    revision takes its place.
    """
    if before is None:
        return None, True
    if before.figures == after.figures:
        return Skip.UNCHANGED, False
    if revisions is Revisions.EVERY or before.root is None:
        return None, True
    pings = _is_important(before, after) and (before.severity is None or before.posts < MOST_POSTS)
    is_outcome = after.is_told and not before.is_told
    is_left_out = revisions is Revisions.FOLLOW_UP and not pings and not is_outcome
    return (Skip.MINOR if is_left_out else None), pings


def _is_important(before: ShownThread, after: ShownThread) -> bool:
    return after.severity is not None and (
        rank_severity(after.severity) > rank_severity(before.severity)
        or after.direction is not before.direction
        or after.is_withdrawn is not before.is_withdrawn
        or (after.is_closed and not before.is_closed)
    )
