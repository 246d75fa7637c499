"""ACLED: gets a token with a password, then pages of rows by upload time, and the deletions.

Rows are revised and deleted for years. The time of upload is `known_at` and, in seconds, the revision. So the
same row always makes the same event, and an unchanged row is a duplicate. The feed continues a week before
the latest upload on the topic, since a row may appear days after its upload; events on the topic are not
written again. A deletion retracts an event that is still on the topic; deletions of older events are counted.

docs/feeds.md says what the mapping to the canonical event loses.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Any

from brentwatch.core.domain import Status
from brentwatch.core.errors import InvalidInput, SettingsError
from brentwatch.ingest.feeds import answers
from brentwatch.ingest.feeds.acled_rows import NAME, PROVENANCE, parse_row
from brentwatch.ingest.feeds.deliveries import FeedDelivery, LeftOut, gather, refuse_old, strip_details
from brentwatch.ingest.feeds.settings import AcledSettings
from brentwatch.web.failures import NoAnswer, Reason
from brentwatch.web.fetching import Fetcher, add_query
from brentwatch.wire.countries import map_to_iso_number
from brentwatch.wire.event_document import LONGEST_AHEAD, UnrestEventDocument

_MOST_PAGES = 10_000
_OVERLAP_SECONDS = 7 * 24 * 3600
"""A row with a later upload time is a mistake, and would hide all rows until then."""


class Acled:
    """The feed; `fetcher` asks."""

    def __init__(self, settings: AcledSettings, fetcher: Fetcher) -> None:
        self._settings = settings
        self._fetcher = fetcher
        self._base = settings.url
        self._token = ""
        self._held: dict[str, UnrestEventDocument] = {}
        self._since = 0

    @property
    def memory(self) -> timedelta:
        """As long as the topic keeps events: an event must be known to be retracted."""
        return timedelta(days=30)

    def recall(self, document: UnrestEventDocument) -> None:
        """Take in an event of this feed from the topic."""
        if document.provenance is None or document.provenance.feed != NAME:
            return
        if document.revision > (document.known_at + LONGEST_AHEAD).timestamp():
            return  # not a count: it is the second of the upload to ACLED
        self._hold(document)
        if document.status is not Status.RETRACT:
            self._since = max(self._since, document.revision)

    def poll(self, now: datetime) -> Iterator[FeedDelivery]:
        """One delivery for each page of uploads, then one with the retractions.

        Raises:
            NoAnswer: if ACLED does not answer with rows.
            SettingsError: if the settings have no account.
        """
        since, latest = self._begin(now), self._since
        for page in range(1, _MOST_PAGES):
            found = self._fetch_page(
                "/api/acled/read",
                page,
                timestamp=str(since),
                timestamp_where=">=",
                **self._select_countries(),
            )
            delivery = self._read(found, now)
            if delivery.documents or delivery.left_out:
                yield delivery
            latest = max([latest, *(document.revision for document in delivery.documents)])
            for document in delivery.documents:
                self._hold(document)
            if len(found) < self._settings.page_rows:
                break
        yield from self._fetch_deletions(since, now)
        self._since = latest

    def _begin(self, now: datetime) -> int:
        if self._since:
            return self._since - _OVERLAP_SECONDS
        day = self._settings.since or (now - timedelta(days=1)).date()
        return int(datetime.combine(day, time(), UTC).timestamp())

    def _select_countries(self) -> dict[str, str]:
        numbers = [map_to_iso_number()[country] for country in self._settings.countries]
        return {"iso": ":OR:iso=".join(numbers)} if numbers else {}

    def _read(self, found: list[dict[str, Any]], now: datetime) -> FeedDelivery:
        return gather(found, lambda row: self._read_event(row, now))

    def _read_event(self, row: Mapping[str, Any], now: datetime) -> UnrestEventDocument:
        """The event in a row, unless it is on the topic or too old. Revisions are never too old."""
        document = parse_row(row)
        held = self._held.get(document.event_id)
        if held is not None and held.revision >= document.revision:
            raise LeftOut("known")
        if document.known_at > now + LONGEST_AHEAD:
            raise LeftOut("future")
        if held is None:
            refuse_old(document.occurred, document.known_at, self._settings.oldest_days)
        return document

    def _hold(self, document: UnrestEventDocument) -> None:
        before = self._held.get(document.event_id)
        if before is None or before.revision < document.revision:
            self._held[document.event_id] = strip_details(document)

    def _fetch_deletions(self, since: int, now: datetime) -> Iterator[FeedDelivery]:
        for page in range(1, _MOST_PAGES):
            found = self._fetch_page("/api/deleted/read", page, deleted_timestamp=str(since), **_AT_OR_AFTER)
            delivery = self._read_deletions(found, now)
            if delivery.documents or delivery.left_out:
                yield delivery
            for document in delivery.documents:
                self._hold(document)
            if len(found) < self._settings.page_rows:
                return

    def _read_deletions(self, found: list[dict[str, Any]], now: datetime) -> FeedDelivery:
        return gather(found, lambda row: self._retract_event(row, now))

    def _retract_event(self, row: Mapping[str, Any], now: datetime) -> UnrestEventDocument | None:
        """The retraction of an event on the topic; None if it was retracted before."""
        held = self._held.get(f"{NAME}:{answers.read_text(row, 'event_id_cnty')}")
        if held is None:
            raise LeftOut("unknown")
        if held.status is Status.RETRACT:
            return None
        try:
            at = answers.read_timestamp(answers.read_whole(row, "deleted_timestamp"), "deleted_timestamp")
        except InvalidInput:  # the event is deleted in any case
            at = now
        return _build_retraction(held, max(int(min(at, now).timestamp()), held.revision + 1), now)

    def _fetch_page(self, path: str, page: int, **wish: str) -> list[dict[str, Any]]:
        wish = {"_format": "json", "limit": str(self._settings.page_rows), "page": str(page)} | wish
        url = f"{self._base}{path}"
        answer = answers.decode_object(self._ask_with_token(add_query(url, wish)), url)
        if answer.get("status") not in (200, None):
            raise NoAnswer(
                Reason.REFUSED,
                f"{url} answers with its own status {answer.get('status')!r}; expected 200; check the "
                "permissions of the account",
            )
        return answers.read_rows(answer, "data", url)

    def _ask_with_token(self, url: str) -> bytes:
        """Requests with the current token; if it is refused, once more with a new one. Tokens last a day."""
        if self._token:
            try:
                return self._ask(url)
            except NoAnswer as error:
                if error.reason is not Reason.REFUSED:
                    raise
        self._token = self._fetch_token()
        try:
            return self._ask(url)
        except NoAnswer as error:
            if error.reason is Reason.REFUSED:
                self._token = ""
            raise

    def _ask(self, url: str) -> bytes:
        return self._fetcher.get(
            url, {"Authorization": f"Bearer {self._token}", "Accept": "application/json"}
        )

    def _fetch_token(self) -> str:
        url, settings = f"{self._base}/oauth/token", self._settings
        form = {
            "username": settings.username or "",
            "password": settings.secret.read(),
            "grant_type": "password",
            "client_id": "acled",
        }
        token = answers.decode_object(self._fetcher.post_form(url, form), url).get("access_token")
        if not isinstance(token, str) or not token or not token.isascii() or not token.isprintable():
            raise answers.build_garbled_error(f"{url} answers without an access_token")
        return token


_AT_OR_AFTER = {"deleted_timestamp_where": ">="}


def _build_retraction(held: UnrestEventDocument, revision: int, now: datetime) -> UnrestEventDocument:
    return UnrestEventDocument(
        event_id=held.event_id,
        revision=revision,
        status=Status.RETRACT,
        occurred=held.occurred,
        known_at=max(held.known_at, min(now, answers.read_timestamp(revision, "deleted_timestamp"))),
        country=held.country,
        event_class=held.event_class,
        summary="Deleted by ACLED",
        provenance=PROVENANCE,
    )


def open_feed(settings: AcledSettings, beat: Callable[[], object] = lambda: None) -> Acled:
    """The feed for these settings.

    Raises:
        SettingsError: if they have no account.
    """
    if not settings.username:
        raise SettingsError(
            "ingest.acled.username is not set; ACLED needs your own account; set it, or remove acled from "
            "ingest.feeds"
        )
    settings.secret.read()
    return Acled(settings, Fetcher(settings.timeout_seconds, answers.LARGEST_BYTES, beat))
