"""UCDP: lethal organised violence, page by page of one release after the other; monthly, about a month late.

What a release holds became known on the day of the release, at its end (UTC): the hour is not published.
That day, in days since 1970, is the revision, so that an event that comes again in a later release is an
update. The feed goes on at the latest release of which the topic holds an event; it is read anew where the
topic holds fewer of its events than it counts. `NextPageUrl` is not followed: pages are asked for by
number.

What the mapping to the canonical event keeps and loses stands in docs/feeds.md.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from brentwatch.core.errors import SettingsError
from brentwatch.core.events import EventClass, Precision, Status, Verification, end_of_day
from brentwatch.ingest import secrets
from brentwatch.ingest.feeds.feed import Delivery
from brentwatch.ingest.feeds.json_answers import garbled, json_object, rows
from brentwatch.web.fetching import Fetcher
from brentwatch.wire.countries import from_gleditsch_ward
from brentwatch.wire.dead_letter import InvalidMessage
from brentwatch.wire.event_document import (
    Attention,
    Fatalities,
    Location,
    LocationPrecision,
    Occurred,
    Provenance,
    Reliability,
    Taxon,
    UnrestEventDocument,
)
from brentwatch.wire.unrest_event import decode_event, encode_event

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from brentwatch.ingest.feeds.settings import UcdpSettings

NAME = "ucdp"
_EPOCH = date(1970, 1, 1)
_CLASSES = {1: EventClass.ARMED_CLASH, 2: EventClass.ARMED_CLASH, 3: EventClass.MASS_VIOLENCE}
_KINDS = {1: "state-based conflict", 2: "non-state conflict", 3: "one-sided violence"}
_TIMES = {1: Precision.DAY, 2: Precision.WEEK, 3: Precision.WEEK, 4: Precision.MONTH, 5: Precision.YEAR}
_PLACES = {
    1: LocationPrecision.EXACT,
    2: LocationPrecision.CITY,
    3: LocationPrecision.ADMIN1,
    4: LocationPrecision.ADMIN1,
    5: LocationPrecision.ADMIN1,
    6: LocationPrecision.COUNTRY,
    7: LocationPrecision.COUNTRY,
}
_PROVENANCE = Provenance(
    feed=NAME,
    licence="CC BY 4.0",
    attribution="UCDP Georeferenced Event Dataset, Uppsala Conflict Data Program, ucdp.uu.se; cite Sundberg "
    "and Melander 2013, and for the Candidate events Hegre et al. 2020",
)
_MOST_PAGES = 100_000


class Ucdp:
    """The feed; `fetcher` asks."""

    def __init__(self, settings: UcdpSettings, fetcher: Fetcher) -> None:
        self._settings = settings
        self._fetcher = fetcher
        self._base = settings.url.rstrip("/")
        self._releases = sorted(settings.released.items(), key=lambda each: (each[1], each[0]))
        self._held: Counter[int] = Counter()
        self._done: set[str] = set()

    @property
    def memory(self) -> timedelta:
        """As long as the topic keeps events; releases come once a month."""
        return timedelta(days=30)

    def recall(self, document: UnrestEventDocument) -> None:
        """Count what the topic holds of each release."""
        if document.provenance is not None and document.provenance.feed == NAME:
            self._held[document.revision] += 1

    def poll(self, now: datetime) -> Iterator[Delivery]:
        """One delivery a page, of the releases that are out and not yet on the topic.

        Raises:
            NoAnswer: if UCDP does not answer, or not with rows.
        """
        newest = max(self._held, default=0)
        for version, day in self._releases:
            if version in self._done or known_at(day) > now or revision(day) < newest:
                continue
            yield from self._release(version, day)
            self._done.add(version)

    def _release(self, version: str, day: date) -> Iterator[Delivery]:
        """Ends by the count of rows, so that it does not matter whether pages count from 0 or from 1."""
        seen: set[object] = set()
        for page in range(_MOST_PAGES):
            answer, url = self._page(version, page)
            total, found = answer.get("TotalCount"), rows(answer, "Result", url)
            if not isinstance(total, int):
                raise garbled(f"{url} answers without TotalCount")
            if page == 0 and total == self._held[revision(day)]:
                return
            if fresh := [row for row in found if row.get("id") not in seen]:
                yield _delivery(fresh, day)
            seen |= {row["id"] for row in found if row.get("id") is not None}
            if not found or len(seen) >= total:
                return

    def _page(self, version: str, page: int) -> tuple[dict[str, Any], str]:
        url = f"{self._base}/gedevents/{version}"
        token = secrets.wanted("ingest.ucdp.token", self._settings.token, self._settings.token_file)
        wish = urlencode({"pagesize": self._settings.page_rows, "page": page})
        headers = {"x-ucdp-access-token": token, "Accept": "application/json"}
        return json_object(self._fetcher.get(f"{url}?{wish}", headers), url), url


def revision(day: date) -> int:
    """The revision of the events that were released on that day."""
    return (day - _EPOCH).days


def known_at(day: date) -> datetime:
    """The moment from which what was released on that day counts as known."""
    return end_of_day(day)


def _delivery(found: list[dict[str, Any]], day: date) -> Delivery:
    documents, left_out = [], Counter[str]()
    for row in found:
        try:
            if str(row["country_id"]) not in from_gleditsch_ward():
                left_out["nowhere"] += 1
                continue
            documents.append(document_of(row, day))
        except (InvalidMessage, KeyError, ValueError, TypeError, OverflowError):
            left_out["unreadable"] += 1
    return Delivery(tuple(documents), left_out)


def document_of(row: Mapping[str, Any], day: date) -> UnrestEventDocument:
    """The event in one row of the release of that day.

    Raises:
        InvalidMessage, KeyError, ValueError, TypeError, OverflowError: if it cannot be read.
    """
    kind = int(row["type_of_violence"])
    start, end = (_midnight(row[name]) for name in ("date_start", "date_end"))
    low, best, high = (int(row[name]) for name in ("low", "best", "high"))
    place = str(row.get("where_coordinates") or "")[:200]
    document = UnrestEventDocument(
        event_id=f"{NAME}:{int(row['id'])}",
        revision=revision(day),
        status=Status.NEW,
        occurred=Occurred(
            start=start, end=end if end != start else None, precision=_TIMES[int(row["date_prec"])]
        ),
        known_at=known_at(day),
        country=from_gleditsch_ward()[str(row["country_id"])],
        location=Location(
            place=place or None,
            admin1=str(row.get("adm_1") or "")[:200] or None,
            lat=float(row["latitude"]),
            lon=float(row["longitude"]),
            precision=_PLACES[int(row["where_prec"])],
        ),
        event_class=_CLASSES[kind],
        violent=True,
        taxonomy=(Taxon(scheme="UCDP type_of_violence", code=str(kind), label=_KINDS[kind]),),
        actors=tuple(str(row[name])[:200] for name in ("side_a", "side_b") if row.get(name)),
        fatalities=Fatalities(low=min(low, best), best=best, high=max(high, best)),
        attention=_attention(row),
        reliability=Reliability(verification=Verification.CURATED),
        summary=f"{_KINDS[kind].capitalize()}, {best} deaths as UCDP counts".strip()[:500],
        provenance=_PROVENANCE,
    )
    return decode_event(encode_event(document))


def _attention(row: Mapping[str, Any]) -> Attention | None:
    """UCDP writes -1 where it has not counted its sources."""
    sources = int(row.get("number_of_sources") or -1)
    return Attention(sources=sources) if sources >= 0 else None


def _midnight(text: str) -> datetime:
    return datetime.combine(date.fromisoformat(str(text)[:10]), time(), UTC)


def open_feed(settings: UcdpSettings, beat: Callable[[], object] = lambda: None) -> Ucdp:
    """The feed as the settings want it.

    Raises:
        SettingsError: if they name no release, or hold no token.
    """
    if not settings.released:
        raise SettingsError(
            "ingest.ucdp.released is empty; the versions to be read were wanted, each with the day of its "
            'release, such as "26.0.9" = 2026-10-20: add them, or take ucdp out of ingest.feeds'
        )
    secrets.wanted("ingest.ucdp.token", settings.token, settings.token_file)
    return Ucdp(settings, Fetcher(settings.timeout_seconds, beat=beat))
