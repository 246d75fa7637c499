"""The events of a session, the stories they belong to, and what else happened on it, one line each."""

from collections.abc import Iterator, Sequence
from datetime import date

from brentwatch.core import domain
from brentwatch.message.figures import (
    format_barrels,
    format_count,
    format_day,
    format_exposure,
    format_short_day,
    format_utc,
)
from brentwatch.message.foreign import clean, cut_text, parse_host, quote_text
from brentwatch.wire.countries import country_name

SHOWN_EVENTS = 3
"""An alert shows that many events, the first of those that it lists, and counts the others."""

_SHOWN_COUNTS = 3

_ROOM_FOR_A_PLACE = 60
_ROOM_FOR_A_FEED = 40
_ROOM_FOR_A_COUNTRY = 30
_ROOM_FOR_A_HEADLINE = 200

_CLASSES = {
    domain.EventClass.ATTACK_INFRASTRUCTURE: "attack on infrastructure",
    domain.EventClass.ATTACK_SHIPPING: "attack on shipping",
    domain.EventClass.SEIZURE_INFRASTRUCTURE: "seizure of infrastructure",
    domain.EventClass.WAR_ONSET: "outbreak of war",
    domain.EventClass.SANCTION_DIPLOMATIC: "sanctions or diplomacy",
    domain.EventClass.DEESCALATION: "de-escalation",
    domain.EventClass.OTHER: "other event",
}
"""Classes whose name alone does not read as English."""

KINDS = {
    domain.ConfounderKind.OPEC_PLUS: "OPEC+",
    domain.ConfounderKind.WEEKLY_REPORT: "weekly report",
    domain.ConfounderKind.ROLL: "roll",
    domain.ConfounderKind.HOLIDAY: "holiday",
    domain.ConfounderKind.OTHER: "other news",
}


def write_event_lines(alert: domain.Alert, *, within: bool = False) -> list[str]:
    """The first events of an alert, and how many more there are; `within` a session marks are others."""
    standing = [ref for ref in alert.events if ref.standing is not domain.Standing.SINGLE][:SHOWN_EVENTS]
    shown = [write_event_line(ref, within=within) for ref in standing]
    more = alert.events_total - alert.singles - len(shown)
    counts = [format_count(more, "more event")] if more > 0 else []
    counts += [format_count(alert.singles, "single report")] if alert.singles else []
    if not counts:
        return shown
    begin = "and " if shown else ""
    return [*shown, f"{begin}{' and '.join(counts)}{_describe_unlisted(alert)}"]


def _describe_unlisted(alert: domain.Alert) -> str:
    """How many of them are not listed, by class and feed: ", 28 of them not listed: 28 protest (gdelt)"."""
    if not alert.unlisted:
        return ""
    counts = [_describe_count(each) for each in alert.unlisted[:_SHOWN_COUNTS]]
    unlisted = alert.events_total - len(alert.events)
    others = unlisted - sum(each.count for each in alert.unlisted[:_SHOWN_COUNTS])
    counts += [f"{others} other"] if others > 0 else []
    return f", {unlisted} of them not listed: {', '.join(counts)}"


def _describe_count(unlisted: domain.Unlisted) -> str:
    feed = cut_text(clean(unlisted.feed), _ROOM_FOR_A_FEED) or "no feed named"
    return f"{unlisted.count} {name_class(unlisted.event_class)} ({feed})"


def find_highest_exposed(events: Sequence[domain.EventRef]) -> domain.EventRef:
    """The event with the highest exposure; of several the first."""
    return max(events, key=lambda ref: -1.0 if ref.exposure is None else ref.exposure)


def write_event_line(ref: domain.EventRef, *, dated: bool = True, within: bool = False) -> str:
    """What happened where, since when it was known, the barrels at risk, its marks, its headline.

    Without `dated` the time is left out: a heading gives it.
    """
    known = [f"known {format_utc(ref.known_at)}"] if dated else []
    marks = (
        _list_intraday_marks(ref)
        if within
        else [*(_list_day_marks(ref) if dated else ()), *_list_late_marks(ref)]
    )
    return " · ".join([describe_what_and_where(ref), *known, describe_risk(ref), *marks, quote_headline(ref)])


def describe_what_and_where(ref: domain.EventRef | domain.UnrestEvent, room: int = _ROOM_FOR_A_PLACE) -> str:
    """The class of the event, its place and its country: "Protest, Almaty, Kazakhstan"."""
    what = name_class(ref.event_class)
    where = name_country(ref.country)
    place = clean(ref.place or "").removesuffix(where).rstrip(", ")  # GDELT's places end with their country
    return ", ".join(part for part in (what.capitalize(), cut_text(place, room), where) if part)


def name_class(event_class: domain.EventClass) -> str:
    """The class in words: "attack on infrastructure"."""
    return _CLASSES.get(event_class, event_class.replace("_", " "))


def name_country(code: str) -> str:
    """The name of a country by its code; the code itself if it is unknown."""
    return cut_text(country_name(clean(code)), _ROOM_FOR_A_COUNTRY)


def describe_risk(ref: domain.EventRef) -> str:
    """The exposure and its barrels, with their country if it is not the event's."""
    if ref.exposure is None:
        return format_exposure(None)
    return f"exposure {format_exposure(ref.exposure)} ({describe_barrels(ref)})"


def describe_barrels(ref: domain.EventRef) -> str:
    """The barrels of the exposure of an event, with their country if it is not the event's."""
    volumes = _format_volumes(ref.production_kbd or 0.0, ref.transit_kbd or 0.0)
    owner = ref.exposure_country or ref.country
    return volumes if owner == ref.country else f"{name_country(owner)}, {volumes}"


def describe_owned_barrels(ref: domain.EventRef) -> str:
    """The same, always with their country if the event has no place."""
    if not clean(ref.place or ""):
        return describe_barrels(ref)
    volumes = _format_volumes(ref.production_kbd or 0.0, ref.transit_kbd or 0.0)
    return f"{name_country(ref.exposure_country or ref.country)}, {volumes}"


def _format_volumes(production: float, transit: float) -> str:
    if transit == 0.0:
        return format_barrels(production)
    passing = f"{format_barrels(transit)} in transit"
    return passing if production == 0.0 else f"{format_barrels(production)} and {passing}"


def _list_day_marks(ref: domain.EventRef) -> Iterator[str]:
    if ref.by_day:
        second = ", this is the second" if ref.carried else ""
        yield f"time of day unknown: counted for two sessions{second}"


def _list_late_marks(ref: domain.EventRef) -> Iterator[str]:
    if ref.late:
        yield "late: arrived after the session was tested"


def _list_intraday_marks(ref: domain.EventRef) -> list[str]:
    day_only = ["time of day unknown"] if ref.by_day else []
    return [*day_only, *(["late: arrived after the window was tested"] if ref.late else [])]


def quote_headline(ref: domain.EventRef, room: int = _ROOM_FOR_A_HEADLINE) -> str:
    """The summary in quotes, cut to `room` characters, and its source."""
    told = quote_text(ref.summary, room) if clean(ref.summary) else "no headline"
    return f"{told} ({describe_source(ref)})"


def describe_source(ref: domain.EventRef) -> str:
    """The source of the report; only a curated one counts as verified."""
    if ref.verification is not domain.Verification.CURATED:
        return "unverified"
    return f"source: {parse_host(ref.source)}" if ref.source else "curated, no source named"


def write_confounder_line(confounder: domain.Confounder) -> str:
    """Other news of the date, with its source."""
    told = cut_text(clean(confounder.text).removesuffix("."), _ROOM_FOR_A_HEADLINE)
    return (
        f"Also on {format_day(confounder.session)}: {KINDS[confounder.kind]}: {told} "
        f"({parse_host(confounder.source)})"
    )


def write_overlap_lines(sessions: Sequence[date]) -> list[str]:
    """The sessions with events of their own whose windows overlap with this one's."""
    if not sessions:
        return []
    return [f"Windows overlap with the events of {', '.join(format_day(session) for session in sessions)}"]


FEWEST_SESSIONS = 2
"""The card shows a story from this many tested sessions on: with one, it says what its alert says."""

_LARGEST_ODDS = 1_000_000.0


def describe_first_story(alert: domain.Alert) -> str:
    """For the card: the story of several sessions in the country of the first event, or else the first one.

    Empty if there is none.
    """
    told = [each for each in alert.stories if each.sessions >= FEWEST_SESSIONS]
    if not told:
        return ""
    country = next((each.country for each in alert.events), None)
    story = next((each for each in told if each.country == country), told[0])
    events = f"{format_count(story.events, 'event')} in {name_country(story.country)}"
    tested = f"since {format_short_day(story.since)}, {story.sessions:,} sessions tested together"
    return f"Story: {events} {tested}: {describe_evidence(story)}."


def write_story_lines(alert: domain.Alert) -> Iterator[str]:
    """Each story of an alert, and then what its evidence means."""
    return describe_stories(alert.stories)


def describe_stories(stories: Sequence[domain.StoryEvidence]) -> Iterator[str]:
    """Each story, and then what its evidence means; nothing without any."""
    for each in stories:
        where = f"{name_country(each.country)}, {each.group}, since {_format_date(each.since)}"
        yield f"Story ({where}): {format_count(each.events, 'event')}, {_describe_sessions(each)}"
    if stories:
        yield (
            "If nothing moves the price, at most 1 story in 100 ever reaches "
            f"{domain.STRONG_EVIDENCE:.0f} to 1; stories open no alerts"
        )


def describe_evidence(story: domain.StoryEvidence) -> str:
    """The evidence as odds: "evidence 130 to 1 for abnormal moves"."""
    if story.evidence < 1.0:
        return f"no evidence of abnormal moves (odds {format_odds(story.evidence).removesuffix(' to 1')})"
    return f"evidence {format_odds(story.evidence)} for abnormal moves"


def format_odds(evidence: float) -> str:
    """An e-value as odds: "0.62 to 1", "2.3 to 1", "130 to 1"; what is huge is not written out."""
    if evidence >= _LARGEST_ODDS:
        return "more than 1,000,000 to 1"
    if evidence < 0.01:
        return "under 0.01 to 1"
    return f"{evidence:,.{2 if evidence < 1.0 else 1 if evidence < 10.0 else 0}f} to 1"


def _describe_sessions(story: domain.StoryEvidence) -> str:
    if story.first is None or story.last is None:
        return "no session tested yet"
    if story.sessions == 1:
        return f"1 session tested ({_format_date(story.first)}): {describe_evidence(story)}"
    span = f"{_format_date(story.first)} to {_format_date(story.last)}"
    tested = f"{story.sessions:,} sessions tested together ({span}): {describe_evidence(story)}"
    return f"{tested}, highest {format_odds(story.highest)}"


def _format_date(day: date) -> str:
    return f"{format_short_day(day)} {day.year}"
