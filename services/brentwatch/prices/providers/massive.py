"""`massive`: front contracts of NYMEX (BZ, CL) from Massive, formerly Polygon.io; daily and 5-minute bars.

The API (https://massive.com/docs/rest/futures/aggregates) has single contracts and no continuous series. So
each fetch requests the contracts that were in front by our roll rule, the newest first. A ticker has one
digit for the year, BZH6; bars have the whole year, BZH2026. Answers come in pages: `next_url` is the next
one, and only its path and query are used, so that the key is sent to no other host.

A daily bar is the official settlement; a session without one has no bar yet. An interval without trades has
no bar. A plan may be delayed by 10 minutes and has two years of history or more: if newer contracts were
answered, a contract that the plan lacks ends the fetch. The status may be DELAYED instead of OK.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from brentwatch.core.domain import EPOCH, Bar, Series
from brentwatch.core.errors import InvalidInput, SettingsError
from brentwatch.core.intraday.clock import BAR, session_of
from brentwatch.core.sessions.roll import LONGEST_BREAK, find_front_month, find_last_session
from brentwatch.prices import provider
from brentwatch.web.addresses import split_target
from brentwatch.web.failures import NoAnswer, Reason
from brentwatch.web.fetching import Fetcher, add_query
from brentwatch.wire.input_faults import show_value

if TYPE_CHECKING:
    from brentwatch.prices.providers.settings import ProviderSettings

SITE = "Massive"
_PATH = "/futures/v1/aggs/"
_MONTHS = "FGHJKMNQUVXZ"
_RESOLUTIONS = {"1d": "1session", "5m": "5min"}
_ROWS_A_PAGE = 50_000
_MOST_PAGES = 50
_A_DAY = timedelta(days=1)
_ANY_DAY = date(2024, 1, 8)
_LONGEST_DAILY = timedelta(days=9 * 365)
"""After ten years a ticker means another contract."""
_LONGEST_INTRADAY = timedelta(days=180)
"""The sessions that an intraday test needs as history to have no flag."""
_LATEST = int(datetime(provider.LAST_YEAR, 12, 31, tzinfo=UTC).timestamp()) * 1_000_000_000
"""In nanoseconds since 1970."""
_GOOD = ("OK", "DELAYED")
_REFUSALS = {
    401: "check prices.massive.api_key: the key is unknown",
    403: "check the plan of the key: it has no such futures, or no history so long ago",
}


class Contract(NamedTuple):
    """A futures contract, and the first and last session in which it is in front."""

    product: str
    month: date
    first: date
    last: date

    @property
    def ticker(self) -> str:
        """The ticker of Massive: BZH6."""
        return f"{self.product}{_MONTHS[self.month.month - 1]}{self.month.year % 10}"

    @property
    def name(self) -> str:
        """The unambiguous name: BZH2026."""
        return f"{self.product}{_MONTHS[self.month.month - 1]}{self.month.year}"


def list_front_contracts(series: Series, first: date, last: date) -> list[Contract]:
    """The contracts in front from session `first` to `last` (inclusive), the newest first.

    Raises:
        SettingsError: if the series has no contracts at NYMEX.
    """
    if not series.product:
        raise SettingsError(
            f"prices.series.{series.name}.providers names massive, which has contracts of NYMEX; expected a "
            "series with a product, brent-front or wti-front; use another provider"
        )
    found = list[Contract]()
    while first <= last:
        month = find_front_month(series.roll, first)
        ends = find_last_session(series.roll, month)
        found.append(Contract(series.product, month, first, min(ends, last)))
        first = ends + _A_DAY
    return found[::-1]


class _Row(msgspec.Struct, frozen=True):
    ticker: str
    window_start: int
    session_end_date: str
    close: float
    open: float | None = None
    volume: float | None = None
    settlement_price: float | None = None


class _Page(msgspec.Struct, frozen=True):
    status: str
    results: tuple[msgspec.Raw, ...] = ()
    next_url: str | None = None


class Massive:
    """Requests each front contract in turn; one timeout holds for all requests of a fetch."""

    def __init__(self, series: Series, settings: ProviderSettings) -> None:
        list_front_contracts(series, _ANY_DAY, _ANY_DAY)  # refuses a series without contracts
        self._secret = settings.massive.secret
        self._secret.read()
        self._series = series
        self._url = settings.massive.url
        self._seconds = settings.timeout_seconds
        self.terms = provider.Terms(
            f"{SITE}, {series.product} futures of NYMEX",
            "as your plan says: individual plans for personal, non-business use, business plans for a desk",
        )

    def fetch(
        self, since: date, now: datetime, reject: provider.Reject = provider.ignore_rejections
    ) -> tuple[Bar, ...]:
        """See `Provider`."""
        longest = _LONGEST_DAILY if self._series.is_daily else _LONGEST_INTRADAY
        first, last = max(since, (now - longest).date()), now.date() + _A_DAY
        ends_at, bars = time.monotonic() + self._seconds, list[Bar]()
        for contract in list_front_contracts(self._series, first, last):
            try:
                rows = [row for page in self._ask(contract, ends_at) for row in page]
            except NoAnswer as error:
                if error.reason is Reason.REFUSED and bars:
                    break  # the plan has no older contracts
                raise
            bars += read_rows(rows, self._series, contract, reject)
        return provider.select_bars(bars, since, SITE)

    def _ask(self, contract: Contract, ends_at: float) -> Iterator[tuple[msgspec.Raw, ...]]:
        """The rows of a contract, page by page."""
        target: str | None = add_query(f"{_PATH}{contract.ticker}", self._build_query(contract))
        for _ in range(_MOST_PAGES):
            if target is None:
                return
            page = read_page(self._get(target, contract, ends_at))
            yield page.results
            target = page.next_url and _read_next(page.next_url)
        if target is not None:
            raise provider.explain_too_many(SITE)

    def _build_query(self, contract: Contract) -> dict[str, object]:
        """A window may start up to a long weekend before its session."""
        return {
            "resolution": _RESOLUTIONS[self._series.interval],
            "window_start.gte": (contract.first - LONGEST_BREAK).isoformat(),
            "window_start.lte": (contract.last + _A_DAY).isoformat(),
            "sort": "window_start.asc",
            "limit": _ROWS_A_PAGE,
        }

    def _get(self, target: str, contract: Contract, ends_at: float) -> bytes:
        left = ends_at - time.monotonic()
        if left <= 0:
            raise NoAnswer(
                Reason.TIMEOUT,
                f"{SITE} did not answer for all contracts within {self._seconds:g} seconds; the request is "
                "repeated later; or raise prices.timeout_seconds",
            )
        headers = {"Authorization": f"Bearer {self._secret.read()}"}
        try:
            return Fetcher(left, provider.LARGEST_BYTES).get(f"{self._url}{target}", headers)
        except NoAnswer as error:
            raise _explain_refusal(error, contract) from None


def _explain_refusal(error: NoAnswer, contract: Contract) -> NoAnswer:
    remedy = _REFUSALS.get(error.status or 0)
    if remedy is None:
        return error
    said = f"{SITE}, asked for {contract.ticker}, answers {error.status}; {remedy}"
    return NoAnswer(error.reason, said, retry_after=error.retry_after, status=error.status)


def _read_next(url: str) -> str:
    """Path and query of the next page."""
    target = split_target(url)
    if not target.startswith(_PATH):
        raise InvalidInput(
            f"{SITE} sent {show_value(target)} as the path of its next page; expected one under {_PATH}: "
            "look for a newer version of brentwatch"
        )
    return target


def read_page(data: bytes) -> _Page:
    """One answer, before its rows are read.

    Raises:
        NoAnswer: if it is not JSON, has too many values, or reports an error.
        InvalidInput: if it is other JSON.
    """
    provider.check_values(data, SITE)
    try:
        page = msgspec.json.decode(data, type=_Page)
    except msgspec.ValidationError as error:
        raise InvalidInput(
            f"{SITE} sent JSON of another form: {error}; expected status and results: look for a newer "
            "version of brentwatch"
        ) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise NoAnswer(
            Reason.GARBLED,
            f"{SITE} sent something other than JSON; expected bars; the site may be under repair; the "
            "request is repeated later",
        ) from None
    if page.status not in _GOOD:
        raise NoAnswer(
            Reason.FAILED,
            f"{SITE} sent the status {show_value(page.status)}; expected {' or '.join(_GOOD)}: the request "
            "is repeated later",
        )
    return page


def read_rows(
    rows: list[msgspec.Raw],
    series: Series,
    contract: Contract,
    reject: provider.Reject = provider.ignore_rejections,
) -> list[Bar]:
    """The bars of a contract in the sessions in which it is in front.

    Raises:
        NoAnswer: if there are too many rows.
        InvalidInput: if rows are of another contract, or no row is readable.
    """
    return provider.read_rows(SITE, rows, partial(_read_bar, series, contract), reject)


def _read_bar(series: Series, contract: Contract, raw: msgspec.Raw) -> Bar | None:
    """None outside the sessions of the contract, and for a session that has not settled."""
    row = _decode_row(raw)
    if row.ticker != contract.ticker:
        raise InvalidInput(f"a row is of {show_value(row.ticker)}; expected {contract.ticker}")
    session, opens_at = provider.read_day(row.session_end_date), _read_time(row)
    if not timedelta(0) <= session - session_of(opens_at) <= LONGEST_BREAK:
        raise InvalidInput(
            f"a row of session {session} begins at {opens_at.isoformat()}; expected a time in that session, "
            "or in a holiday before it"
        )
    if not contract.first <= session <= contract.last:
        return None
    bar = _build_daily if series.is_daily else _build_intraday
    made = bar(series, contract, session, opens_at, row)
    return None if made is None else provider.check_bar(made)


def _decode_row(raw: msgspec.Raw) -> _Row:
    try:
        return msgspec.json.decode(raw, type=_Row)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidInput(
            f"a row cannot be read: {error}; expected ticker, window_start, session_end_date and close"
        ) from None


def _read_time(row: _Row) -> datetime:
    """When a window begins (UTC), from nanoseconds since 1970."""
    if not 0 <= row.window_start < _LATEST:
        raise InvalidInput(
            f"a window begins {show_value(str(row.window_start))} ns after 1970; expected a time up to "
            f"{provider.LAST_YEAR}"
        )
    return EPOCH + timedelta(microseconds=row.window_start // 1_000)


def _build_daily(series: Series, contract: Contract, session: date, _: datetime, row: _Row) -> Bar | None:
    if row.settlement_price is None:
        return None
    return Bar(
        session=session,
        closes_at=series.closes_at(session),
        close=row.settlement_price,
        volume=row.volume,
        contract=contract.name,
    )


def _build_intraday(series: Series, contract: Contract, session: date, opens_at: datetime, row: _Row) -> Bar:
    return Bar(
        session=session,
        opens_at=opens_at,
        closes_at=opens_at + BAR,
        open=row.open,
        close=row.close,
        interval=series.interval,
        volume=row.volume,
        contract=contract.name,
    )
