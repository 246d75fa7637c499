"""UCDP: lethal organised violence; releases are monthly, about a month late, and read page by page.

The events of a release became known at the end (UTC) of the day of the release, since its time of day is not
published. That day, in days since 1970, is the revision, so that an event in a later release is an update.
The feed continues with the latest release on the topic. If the topic has fewer events of it than the release,
it is read again, and only missing events are written. `NextPageUrl` is not followed: pages are requested by
number.

docs/feeds.md says what the mapping to the canonical event loses.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from brentwatch.core.domain import EventClass, Precision, Status, Verification, end_of_day
from brentwatch.core.errors import SettingsError
from brentwatch.ingest.feeds import answers
from brentwatch.ingest.feeds.deliveries import FeedDelivery, LeftOut, gather, refuse_old
from brentwatch.ingest.feeds.settings import UcdpSettings
from brentwatch.web.fetching import Fetcher, add_query
from brentwatch.wire import event_document
from brentwatch.wire.countries import map_from_gleditsch_ward
from brentwatch.wire.input_faults import show_value
from brentwatch.wire.unrest_event import decode_event, encode_event

NAME = "ucdp"
_EPOCH = date(1970, 1, 1)
_CLASSES = {1: EventClass.ARMED_CLASH, 2: EventClass.ARMED_CLASH, 3: EventClass.MASS_VIOLENCE}
_KINDS = {1: "state-based conflict", 2: "non-state conflict", 3: "one-sided violence"}
_TIMES = {1: Precision.DAY, 2: Precision.WEEK, 3: Precision.WEEK, 4: Precision.MONTH, 5: Precision.YEAR}
_PLACES = {
    1: event_document.LocationPrecision.EXACT,
    2: event_document.LocationPrecision.CITY,
    3: event_document.LocationPrecision.ADMIN1,
    4: event_document.LocationPrecision.ADMIN1,
    5: event_document.LocationPrecision.ADMIN1,
    6: event_document.LocationPrecision.COUNTRY,
    7: event_document.LocationPrecision.COUNTRY,
}
PROVENANCE = event_document.Provenance(
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
        self._base = settings.url
        self._releases = sorted(settings.released.items(), key=lambda each: (each[1], each[0]))
        self._held: dict[int, set[str]] = {}
        self._done: set[str] = set()

    @property
    def memory(self) -> timedelta:
        """As long as the topic keeps events; releases come once a month."""
        return timedelta(days=30)

    def recall(self, document: event_document.UnrestEventDocument) -> None:
        """Take in an event of a release from the topic."""
        is_ours = document.provenance is not None and document.provenance.feed == NAME
        if is_ours and document.revision <= revision(document.known_at.date()):
            self._hold(document)

    def _hold(self, document: event_document.UnrestEventDocument) -> None:
        self._held.setdefault(document.revision, set()).add(document.event_id)

    def poll(self, now: datetime) -> Iterator[FeedDelivery]:
        """One delivery for each page of the releases that are published and not yet on the topic.

        Raises:
            NoAnswer: if UCDP does not answer with rows.
        """
        newest = max(self._held, default=0)
        for version, day in self._releases:
            if version in self._done or known_at(day) > now or revision(day) < newest:
                continue
            yield from self._release(version, day)
            self._done.add(version)

    def _release(self, version: str, day: date) -> Iterator[FeedDelivery]:
        """Ends by the count of rows, so it does not matter if pages are numbered from 0 or from 1."""
        seen: set[str] = set()
        for page in range(_MOST_PAGES):
            answer, url = self._fetch_page(version, page)
            total, found = answer.get("TotalCount"), answers.read_rows(answer, "Result", url)
            if not isinstance(total, int):
                raise answers.build_garbled_error(f"{url} answers without TotalCount")
            if page == 0 and total == len(self._held.get(revision(day), ())):
                return
            if fresh := [row for row in found if row.get("id") is None or show_value(row["id"]) not in seen]:
                yield (delivery := self._gather_delivery(fresh, day))
                for document in delivery.documents:
                    self._hold(document)
            seen |= {show_value(row["id"]) for row in found if row.get("id") is not None}
            if not found or len(seen) >= total:
                return

    def _gather_delivery(self, found: list[dict[str, Any]], day: date) -> FeedDelivery:
        return gather(found, lambda row: self._read_event(row, day))

    def _read_event(self, row: Mapping[str, Any], day: date) -> event_document.UnrestEventDocument:
        """The event in a row, unless it is on the topic or too old; updates are never too old."""
        document = parse_row(row, day)
        if document.event_id in self._held.get(document.revision, ()):
            raise LeftOut("known")
        if not any(document.event_id in held for held in self._held.values()):
            refuse_old(document.occurred, document.known_at, self._settings.oldest_days)
        return document

    def _fetch_page(self, version: str, page: int) -> tuple[dict[str, Any], str]:
        url = f"{self._base}/gedevents/{version}"
        wish = {"pagesize": self._settings.page_rows, "page": page}
        headers = {"x-ucdp-access-token": self._settings.secret.read(), "Accept": "application/json"}
        return answers.decode_object(self._fetcher.get(add_query(url, wish), headers), url), url


def revision(day: date) -> int:
    """The revision of events that were released on that day."""
    return (day - _EPOCH).days


def known_at(day: date) -> datetime:
    """When the events that were released on that day became known."""
    return end_of_day(day)


def parse_row(row: Mapping[str, Any], day: date) -> event_document.UnrestEventDocument:
    """The event in one row of the release of that day; the CSV download names its fields the same.

    Raises:
        LeftOut: if its country has no ISO code.
        InvalidInput: if it cannot be read.
    """
    kind = answers.read_whole(row, "type_of_violence")
    start, end = answers.read_midnight(row, "date_start"), answers.read_midnight(row, "date_end")
    low, best, high = (answers.read_whole(row, name) for name in ("low", "best", "high"))
    document = event_document.UnrestEventDocument(
        event_id=f"{NAME}:{answers.read_whole(row, 'id')}",
        revision=revision(day),
        status=Status.NEW,
        occurred=event_document.Occurred(
            start=start,
            end=end if end != start else None,
            precision=answers.read_code(row, "date_prec", _TIMES),
        ),
        known_at=known_at(day),
        country=_read_country(row),
        location=event_document.Location(
            place=answers.read_text(row, "where_coordinates") or None,
            admin1=answers.read_text(row, "adm_1") or None,
            lat=answers.read_number(row, "latitude"),
            lon=answers.read_number(row, "longitude"),
            precision=answers.read_code(row, "where_prec", _PLACES),
        ),
        event_class=answers.read_code(row, "type_of_violence", _CLASSES),
        violent=True,
        taxonomy=(event_document.Taxon(scheme="UCDP type_of_violence", code=str(kind), label=_KINDS[kind]),),
        actors=tuple(name for field in ("side_a", "side_b") if (name := answers.read_text(row, field))),
        fatalities=event_document.Fatalities(low=min(low, best), best=best, high=max(high, best)),
        attention=_read_attention(row),
        reliability=event_document.Reliability(verification=Verification.CURATED),
        summary=f"{_KINDS[kind].capitalize()}, {best} deaths as UCDP counts",
        provenance=PROVENANCE,
    )
    return decode_event(encode_event(document))


def _read_country(row: Mapping[str, Any]) -> str:
    number = answers.read_whole(row, "country_id")
    found = map_from_gleditsch_ward().get(str(number))
    if found is None:
        raise LeftOut("nowhere", f"country_id is {number}; expected a country with an ISO code")
    return found


def _read_attention(row: Mapping[str, Any]) -> event_document.Attention | None:
    """UCDP writes -1 if it has not counted the sources."""
    if row.get("number_of_sources") in (None, ""):
        return None
    sources = answers.read_whole(row, "number_of_sources")
    return event_document.Attention(sources=sources) if sources >= 0 else None


def open_feed(settings: UcdpSettings, beat: Callable[[], object] = lambda: None) -> Ucdp:
    """The feed for these settings.

    Raises:
        SettingsError: if they have no release or no token.
    """
    if not settings.released:
        raise SettingsError(
            "ingest.ucdp.released is empty; expected the versions to be read, each with the day of its "
            'release, such as "26.0.9" = 2026-10-20; add them, or remove ucdp from ingest.feeds'
        )
    settings.secret.read()
    return Ucdp(settings, Fetcher(settings.timeout_seconds, answers.LARGEST_BYTES, beat))
