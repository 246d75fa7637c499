"""One event that reports are added to: its distance to other reports, and its document."""

import math
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from brentwatch.core.domain import KM_A_DEGREE, EventClass, Precision, Status, Verification
from brentwatch.ingest.feeds.gdelt_rows import EXACTNESS, Report
from brentwatch.ingest.feeds.headlines import Headlines
from brentwatch.wire import event_document

LICENCE = "free for any use, with attribution"
ATTRIBUTION = "The GDELT Project, gdeltproject.org"
NEAR_KM = 25.0
FEWEST_AT_HOME = 10
"""Headlines after which a small protest or strike in a home country is published."""

_ALIVE = timedelta(hours=48)
_SAME_NEWS = timedelta(hours=36)
_GROWN = 2.0
_MOST_ACTORS = 12
_MOST_SOURCES = 10
_SCHEME = "CAMEO"

_FAMILIES = {
    EventClass.PROTEST: "street",
    EventClass.RIOT: "street",
    EventClass.VIOLENT_CRACKDOWN: "street",
    EventClass.STRIKE: "strike",
    EventClass.BLOCKADE: "blockade",
    EventClass.STATE_OF_EMERGENCY: "emergency",
}
_ARMED = "armed"


def find_family(event_class: EventClass) -> str:
    """Classes that reports of one happening may have: a riot begins as a protest."""
    return _FAMILIES.get(event_class, _ARMED)


@dataclass(slots=True, kw_only=True)
class Happening:
    """One event that reports are added to. It is mutable; only `Happenings` changes it."""

    event_id: str
    story_id: str
    country: str
    family: str
    day: date
    known_at: datetime
    last_at: datetime
    novelty: float
    precision: event_document.LocationPrecision
    place: str
    admin1: str
    lat: float | None
    lon: float | None
    revision: int = -1
    votes: Counter[EventClass] = field(default_factory=Counter)
    codes: Counter[str] = field(default_factory=Counter)
    actors: set[str] = field(default_factory=set)
    names: dict[str, None] = field(default_factory=dict)
    urls: dict[str, None] = field(default_factory=dict)
    goldstein: float | None = None
    reports: int = 0
    mentions: int = 0
    sources: int = 0
    articles: int = 0
    tone: float = 0.0
    headlines: Headlines = field(default_factory=Headlines)
    is_held: bool = False
    """True for a small protest or strike in a home country, until there are enough headlines."""
    told: tuple[EventClass, int, int] | None = None
    told_mentions: int = 0

    @property
    def in_town(self) -> bool:
        """True if the place is a point, not a whole province or country."""
        return (
            self.lat is not None
            and EXACTNESS[self.precision] >= EXACTNESS[event_document.LocationPrecision.CITY]
        )

    @property
    def event_class(self) -> EventClass:
        """The class of most reports; of equal ones the first."""
        return self.votes.most_common(1)[0][0]

    @property
    def to_be_told(self) -> bool:
        """True if it is new, or has changed in a relevant way."""
        if self.is_held:
            return False
        return self.told != self.mark or self.mentions >= _GROWN * self.told_mentions

    @property
    def mark(self) -> tuple[EventClass, int, int]:
        """What is published as soon as it changes: class, precision of the place, corroboration."""
        return self.event_class, EXACTNESS[self.precision], self.headlines.level


def measure_distance(happening: Happening, report: Report) -> tuple[int, int, float] | None:
    """Days, how strange the actors are (0 same, 1 unknown, 2 kin, 3 no kin), kilometres; None if too far."""
    kilometres = _measure_kilometres(happening, report)
    if kilometres > NEAR_KM:
        return None
    return (
        abs((happening.day - report.day).days),
        _compare_actors(happening.actors, report.actors),
        kilometres,
    )


def _measure_kilometres(happening: Happening, report: Report) -> float:
    """The distance on a plane, good enough within 25 km; 0 if the place is a whole province."""
    if happening.lat is None or report.lat is None or happening.lon is None or report.lon is None:
        return 0.0
    if not (report.in_town and happening.in_town):
        return 0.0
    north = happening.lat - report.lat
    east = (happening.lon - report.lon) * math.cos(math.radians(report.lat))
    return KM_A_DEGREE * math.hypot(north, east)


def _compare_actors(ours: set[str], theirs: frozenset[str]) -> int:
    if not ours or not theirs:
        return 1
    if ours & theirs:
        return 0
    return 2 if {code[:3] for code in ours} & {code[:3] for code in theirs} else 3


def is_same(
    happening: Happening, report: Report, measure: tuple[int, int, float], known_at: datetime
) -> bool:
    """Rules 2 and 3 of `happenings`, for a report at that `distance`."""
    days, strangeness, _ = measure
    if happening.last_at < known_at - _ALIVE:
        return False
    if not report.in_town:
        return days == 0 and strangeness == 0
    if days == 0:
        return strangeness < 3
    return days == 1 and strangeness == 0 and happening.known_at >= known_at - _SAME_NEWS


def is_one_place(happening: Happening, report: Report) -> bool:
    """An article may be about two towns; a town and its country count as one place."""
    return not (happening.in_town and report.in_town) or _measure_kilometres(happening, report) <= NEAR_KM


def join(happening: Happening, report: Report, known_at: datetime) -> None:
    """Add a report of the file of that time; for attention see `count`."""
    if EXACTNESS[report.precision] > EXACTNESS[happening.precision]:
        happening.precision, happening.place, happening.admin1 = report.precision, report.place, report.admin1
        happening.lat, happening.lon = report.lat, report.lon
    happening.votes[report.event_class] += 1
    happening.codes[report.code] += 1
    happening.reports += 1
    if len(happening.actors) < _MOST_ACTORS:
        happening.actors |= report.actors
        happening.names |= dict.fromkeys(report.names)
    if report.url and len(happening.urls) < _MOST_SOURCES:
        happening.urls[report.url] = None
    if report.headline is not None:
        happening.headlines.add(report.headline, known_at)
    if happening.is_held:
        happening.is_held = report.is_held and happening.headlines.count < FEWEST_AT_HOME
    if report.goldstein is not None:
        lowest = report.goldstein if happening.goldstein is None else happening.goldstein
        happening.goldstein = min(lowest, report.goldstein)


def count(happening: Happening, report: Report, counted: dict[tuple[str, str], tuple[int, int, int]]) -> None:
    """An article with several rows of one happening counts once, with the largest count of its rows."""
    key = (happening.event_id, report.url or str(report.number))
    before = counted.get(key, (0, 0, 0))
    most = (
        max(before[0], report.mentions),
        max(before[1], report.sources),
        max(before[2], report.articles),
    )
    counted[key] = most
    more = most[0] - before[0]
    happening.tone += (report.tone - happening.tone) * more / max(1, happening.mentions + more)
    happening.mentions += more
    happening.sources += most[1] - before[1]
    happening.articles += most[2] - before[2]


def tell(happening: Happening, known_at: datetime) -> event_document.UnrestEventDocument:
    """The next revision, known at that time."""
    happening.revision += 1
    growth = happening.mentions / happening.told_mentions if happening.told_mentions else None
    document = _build_document(happening, known_at, growth)
    happening.told = happening.mark
    happening.told_mentions = happening.mentions
    return document


def _build_document(
    happening: Happening, known_at: datetime, growth: float | None
) -> event_document.UnrestEventDocument:
    start = datetime.combine(happening.day, time(), UTC)
    return event_document.UnrestEventDocument(
        event_id=happening.event_id,
        revision=happening.revision,
        status=Status.NEW if happening.revision == 0 else Status.UPDATE,
        occurred=event_document.Occurred(start=start, precision=Precision.DAY),
        known_at=known_at,
        country=happening.country,
        location=event_document.Location(
            place=happening.place or None,
            admin1=happening.admin1 or None,
            lat=happening.lat,
            lon=happening.lon,
            precision=happening.precision,
        ),
        event_class=happening.event_class,
        taxonomy=tuple(
            event_document.Taxon(scheme=_SCHEME, code=code) for code, _ in happening.codes.most_common(5)
        ),
        actors=tuple(sorted(happening.actors)[:_MOST_ACTORS]),
        intensity=None
        if happening.goldstein is None
        else event_document.Intensity(goldstein=happening.goldstein),
        attention=event_document.Attention(
            mentions=happening.mentions,
            sources=happening.sources,
            articles=happening.articles,
            tone=round(happening.tone, 3),
            growth=None if growth is None else round(growth, 3),
            headlines=happening.headlines.count or None,
        ),
        reliability=event_document.Reliability(
            verification=Verification.MACHINE, confidence=happening.headlines.confidence
        ),
        summary=_write_summary(happening),
        sources=tuple(event_document.Source(url=url) for url in happening.urls),
        provenance=event_document.Provenance(feed="gdelt", licence=LICENCE, attribution=ATTRIBUTION),
        story_id=happening.story_id,
        reports=happening.reports,
        novelty=round(happening.novelty, 3),
    )


def _write_summary(happening: Happening) -> str:
    """A summary in our own words: only the address of an article is used."""
    who = " and ".join(list(happening.names)[:2]).title()
    by = "1 report has it" if happening.reports == 1 else f"{happening.reports} reports have it"
    told = f"{happening.event_class.replace('_', ' ').capitalize()}, as {by}"
    return f"{told} ({who})"[:500] if who else told


def restore_happening(document: event_document.UnrestEventDocument, before: Happening | None) -> Happening:
    """The happening of a document; `before` is that of its earlier revisions."""
    location = document.location or event_document.Location()
    attention = document.attention or event_document.Attention()
    known_at = document.known_at if before is None else before.known_at
    happening = Happening(
        event_id=document.event_id,
        story_id=document.story_id or document.event_id,
        country=document.country,
        family=find_family(document.event_class),
        day=document.occurred.start.date(),
        known_at=known_at,
        last_at=document.known_at,
        novelty=1.0 if document.novelty is None else document.novelty,
        precision=location.precision,
        place=location.place or "",
        admin1=location.admin1 or "",
        lat=location.lat,
        lon=location.lon,
        revision=document.revision,
        votes=Counter({document.event_class: document.reports or 1}),
        codes=Counter({taxon.code: 1 for taxon in document.taxonomy}),
        actors=set(document.actors),
        urls=dict.fromkeys(source.url for source in document.sources),
        goldstein=document.intensity.goldstein if document.intensity else None,
        reports=document.reports or 1,
        mentions=attention.mentions or 0,
        sources=attention.sources or 0,
        articles=attention.articles or 0,
        tone=attention.tone or 0.0,
    )
    happening.headlines.count = attention.headlines or 0
    happening.told = happening.mark
    happening.told_mentions = happening.mentions
    return happening
