"""One row of a GDELT 2.0 event file: tab-separated, no header, 61 columns; a report, not yet an event.

With a vocabulary, the words of the article's address also decide whether the report is accepted, its place
and its class (`gdelt_words/judging.py`).

docs/feeds.md says what the mapping to the canonical event loses.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from brentwatch.core.domain import EventClass
from brentwatch.ingest.feeds.deliveries import is_old
from brentwatch.ingest.feeds.gdelt_files import LONGEST_ROW
from brentwatch.ingest.gdelt_words.headline import Headline
from brentwatch.ingest.gdelt_words.judging import Article, LeavesOut, Passes, WordReason, judge, read_article
from brentwatch.ingest.gdelt_words.vocabulary import Vocabulary
from brentwatch.wire.countries import country_name, map_from_fips
from brentwatch.wire.event_document import LocationPrecision
from brentwatch.wire.event_rules import FIRST_YEAR, LAST_YEAR

COLUMNS = 61
LARGEST_URL = 2048
_LONGEST = 200
_MOST_DIGITS = 18

CLASSES: Mapping[str, EventClass] = {
    "14": EventClass.PROTEST,
    "143": EventClass.STRIKE,
    "144": EventClass.BLOCKADE,
    "145": EventClass.RIOT,
    "1723": EventClass.STATE_OF_EMERGENCY,
    "1724": EventClass.STATE_OF_EMERGENCY,
    "175": EventClass.VIOLENT_CRACKDOWN,
    "183": EventClass.BOMBARDMENT,
    "185": EventClass.TARGETED_KILLING,
    "186": EventClass.TARGETED_KILLING,
    "19": EventClass.ARMED_CLASH,
    "191": EventClass.BLOCKADE,
    "192": EventClass.TERRITORIAL_CHANGE,
    "194": EventClass.BOMBARDMENT,
    "195": EventClass.BOMBARDMENT,
    "20": EventClass.MASS_VIOLENCE,
}
"""Classes by CAMEO code, longest prefix first; other codes of 17 and 18, arrests and crime, have none."""

EXACTNESS = {
    LocationPrecision.UNKNOWN: 0,
    LocationPrecision.COUNTRY: 1,
    LocationPrecision.ADMIN1: 2,
    LocationPrecision.CITY: 3,
    LocationPrecision.EXACT: 4,
}
"""The rank of a precision of the place."""

_PRECISIONS = {
    "1": LocationPrecision.COUNTRY,
    "2": LocationPrecision.ADMIN1,
    "3": LocationPrecision.CITY,
    "4": LocationPrecision.CITY,
    "5": LocationPrecision.ADMIN1,
}


@dataclass(slots=True, kw_only=True)
class Report:
    """The used fields of a row. Not frozen, because that takes three times as long to create."""

    number: int
    day: date
    known_at: datetime
    country: str
    event_class: EventClass
    code: str
    actors: frozenset[str]
    names: tuple[str, ...]
    goldstein: float | None
    mentions: int
    sources: int
    articles: int
    tone: float
    precision: LocationPrecision
    place: str
    admin1: str
    lat: float | None
    lon: float | None
    url: str
    headline: Headline | None = None
    """The judgement of its address; None without a vocabulary."""
    is_held: bool = False
    """True for a protest or strike of a home country: it is held until there are other headlines."""
    hints: Passes | LeavesOut | None = field(default=None, repr=False)
    """What the words decided, and by which of them."""

    @property
    def is_mute(self) -> bool:
        """True if the address has no headline: such a report starts no event."""
        return self.headline is not None and self.headline.is_mute

    @property
    def in_town(self) -> bool:
        """True if the place is a point, not a whole province or country."""
        return self.lat is not None and EXACTNESS[self.precision] >= EXACTNESS[LocationPrecision.CITY]


@dataclass(frozen=True, slots=True)
class RowDecision:
    """The report in a row, or the reason why there is none, and the judgement of its words, if any."""

    outcome: Report | str
    hints: Passes | LeavesOut | None = None


def parse_report(line: str, oldest_days: int, vocabulary: Vocabulary | None = None) -> Report | str:
    """The report in a row, or why there is none: a reason of the metric `REPORTS_LEFT_OUT`."""
    return decide_row(line, oldest_days, vocabulary).outcome


def decide_row(line: str, oldest_days: int, vocabulary: Vocabulary | None) -> RowDecision:
    """The decision about a row; without a vocabulary, only its code says whether it is unrest.

    Rows about a day more than `oldest_days` before they were added are about the past.
    """
    cells = line.split("\t", COLUMNS)
    if len(cells) != COLUMNS or len(line) > LONGEST_ROW:
        return RowDecision("unreadable")
    event_class = classify(cells[26])
    article = None if vocabulary is None else read_article(cells[60].strip(), vocabulary)
    if event_class is None and (article is None or not article.door):
        return RowDecision("class")
    country = map_from_fips().get(cells[53])
    if country is None:
        return RowDecision("nowhere")
    try:
        known_at = parse_time(cells[59])
        day = _parse_day(cells[1])
        if known_at.toordinal() < day.toordinal():
            return RowDecision("future")
        if is_old(day, known_at, oldest_days):
            return RowDecision("old")
        if article is None or vocabulary is None:
            # Without a vocabulary, only a row with a class gets here.
            return RowDecision(_build_report(cells, event_class or EventClass.OTHER, country, day, known_at))
        hints = judge(article, event_class, country, known_at, vocabulary)
        return RowDecision(_heed(cells, article, hints, event_class, country, day, known_at), hints)
    except ValueError:
        return RowDecision("unreadable")


def classify(code: str) -> EventClass | None:
    """The class of a CAMEO code; None if it is not unrest."""
    for length in (len(code), 3, 2):
        if (found := CLASSES.get(code[:length])) is not None:
            return found
    return None


def parse_time(text: str) -> datetime:
    """YYYYMMDDHHMMSS in UTC.

    Raises:
        ValueError: if it is none, or of no year in which an event may lie.
    """
    if len(text) != 14 or not _is_number(text) or not FIRST_YEAR <= int(text[:4]) <= LAST_YEAR:
        raise ValueError(text)
    year, month, day = int(text[:4]), int(text[4:6]), int(text[6:8])
    return datetime(year, month, day, int(text[8:10]), int(text[10:12]), int(text[12:]), tzinfo=UTC)


def _parse_day(text: str) -> date:
    if len(text) != 8 or not _is_number(text) or not FIRST_YEAR <= int(text[:4]) <= LAST_YEAR:
        raise ValueError(text)
    return date(int(text[:4]), int(text[4:6]), int(text[6:]))


def _build_report(
    cells: list[str], event_class: EventClass, country: str, day: date, known_at: datetime
) -> Report:
    lat, lon = _parse_coordinates(cells[56], cells[57])
    precision = _PRECISIONS.get(cells[51], LocationPrecision.UNKNOWN)
    url = cells[60].strip()
    return Report(
        number=_parse_count(cells[0]),
        day=day,
        known_at=known_at,
        country=country,
        event_class=event_class,
        code=cells[26][:_LONGEST],
        actors=frozenset(code[:_LONGEST] for code in (cells[5], cells[15]) if code),
        names=tuple(name[:_LONGEST] for name in (cells[6], cells[16]) if name),
        goldstein=_parse_within(cells[30], 10.0),
        mentions=_parse_count(cells[31]),
        sources=_parse_count(cells[32]),
        articles=_parse_count(cells[33]),
        tone=_parse_finite(cells[34]),
        precision=precision,
        place=cells[52][:_LONGEST],
        admin1=cells[54][:_LONGEST] if precision not in _WIDE else "",
        lat=lat,
        lon=lon,
        url=url
        if url.startswith(("http://", "https://")) and len(url) <= LARGEST_URL and _is_one_word(url)
        else "",
    )


def _heed(
    cells: list[str],
    article: Article,
    hints: Passes | LeavesOut,
    event_class: EventClass | None,
    country: str,
    day: date,
    known_at: datetime,
) -> Report | str:
    """The report after the judgement of its words, or the reason why it is left out.

    A mute report, and a report of a home country that is held, may still belong to an event.
    """
    match hints:
        case Passes():
            report = _build_report(cells, hints.event_class, hints.country, day, known_at)
            if hints.is_moved:
                _move(report)
        case LeavesOut(reason=WordReason.MUTE) if event_class is not None:
            report = _build_report(cells, event_class, country, day, known_at)
        case LeavesOut(reason=WordReason.HOME, event_class=EventClass() as held):
            report = _build_report(cells, held, hints.country, day, known_at)
            report.is_held = True
            if hints.country != country:
                _move(report)
        case LeavesOut():
            return hints.reason.value
    report.headline, report.hints = article.headline, hints
    return report


def _move(report: Report) -> None:
    """With the country that its words name as its place, without further detail."""
    report.precision, report.place = LocationPrecision.COUNTRY, country_name(report.country)
    report.admin1, report.lat, report.lon = "", None, None


_WIDE = (LocationPrecision.COUNTRY, LocationPrecision.UNKNOWN)


def _parse_coordinates(lat: str, lon: str) -> tuple[float | None, float | None]:
    if not lat or not lon:
        return None, None
    north, east = _parse_finite(lat), _parse_finite(lon)
    return (north, east) if abs(north) <= 90 and abs(east) <= 180 else (None, None)


def _parse_finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(text)
    return value


def _parse_count(text: str) -> int:
    """A count of reports or articles, or an id: no sign, no fraction."""
    if not is_count(text):
        raise ValueError(text)
    return int(text)


def is_count(text: str) -> bool:
    """True for digits only, within 64 bits."""
    return _is_number(text) and len(text) <= _MOST_DIGITS


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _parse_within(text: str, limit: float) -> float | None:
    value = _parse_finite(text) if text else None
    return value if value is not None and abs(value) <= limit else None


def _is_one_word(url: str) -> bool:
    return len(url.split()) == 1
