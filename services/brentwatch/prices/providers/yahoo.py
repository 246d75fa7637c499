"""`yahoo`: the front month of Brent at NYMEX (BZ=F) from Yahoo Finance, through an unmodified yfinance.

What is awkward here, and why. The library does not distinguish errors reliably, so our session reads the
status in each chart (`yahoo_chart.py`). It caches errors for the life of the process, so the cache is cleared
before each fetch. It waits half a minute for a cookie that a chart does not need, so one timeout holds for
all requests of a fetch. It follows redirects; our session does not. For unexpected answers it raises any
error of pandas or Python, and prints warnings to standard error: both are caught here. The row of the newest
day changes until trade ends; the caller decides which rows are finished.

Yahoo's terms allow personal and research use; prices are 10 to 15 minutes late.
"""

from __future__ import annotations

import atexit
import logging
import math
import time
import warnings
from datetime import UTC, date, datetime, timedelta
from functools import partial
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, NamedTuple
from zoneinfo import ZoneInfo

import pandas
import yfinance
from curl_cffi import requests
from curl_cffi.curl import CURL_WRITEFUNC_ERROR
from yfinance.data import YfData
from yfinance.exceptions import YFException

from brentwatch.core.domain import SERIES, Bar, Series
from brentwatch.core.intraday.clock import NEW_YORK
from brentwatch.core.sessions.business_days import FRIDAY
from brentwatch.prices import provider
from brentwatch.prices.providers.yahoo_chart import SITE, ChartHead, check_head, explain_garbled, read_head
from brentwatch.web.failures import NoAnswer, Reason

if TYPE_CHECKING:
    from brentwatch.prices.providers.settings import ProviderSettings

_CHART = "/chart/"
_A_DAY = timedelta(days=1)
_LONGEST_INTRADAY = timedelta(days=59)
"""Yahoo has 5-minute bars for 60 calendar days."""

_EVENING = 18
"""The hour of New York at which trade of the next session begins."""

_LOGGERS = ("yfinance", "bs4", "peewee")
"""The library, its HTTP client and its cache."""


class YahooSession(requests.Session[requests.Response]):
    """A session that follows no redirect, reads the head of each chart, and has one timeout for each fetch.

    `chart` is the head of the last requested chart, or why there is none; None before the first.
    """

    def __init__(self) -> None:
        super().__init__(impersonate="chrome")
        self.chart: ChartHead | NoAnswer | None = None
        self._deadline = 0.0

    def begin(self, seconds: float) -> None:
        """All requests from now on end within `seconds`."""
        self.chart = None
        self._deadline = time.monotonic() + seconds

    def request(self, method: Any, url: str, **options: Any) -> requests.Response:  # type: ignore[override]  # theirs lists thirty
        """Send a request of the library within our limits."""
        try:
            left = self._deadline - time.monotonic()
            if left <= 0:
                raise requests.exceptions.Timeout("the time for this fetch is over")
            answer = self._send(method, url, **options | {"timeout": left, "allow_redirects": False})
        except requests.exceptions.RequestException as error:
            if _CHART in url:
                self.chart = _explain_broken_off(error)
            raise
        if _CHART in url:
            self.chart = _read_chart_head(url.rpartition(_CHART)[2], answer)
            if isinstance(self.chart, NoAnswer) and self.chart.reason is Reason.TOO_LARGE:
                raise _TooLarge(str(self.chart))  # the library would read all of it
        return answer

    def _send(self, method: Any, url: str, **options: Any) -> requests.Response:
        """Send it over the network, and read no more of the unpacked answer than a chart may have."""
        got = bytearray()

        def take(part: bytes) -> int:
            got.extend(part)
            return len(part) if len(got) <= provider.LARGEST_BYTES else CURL_WRITEFUNC_ERROR

        try:
            answer = super().request(method, url, content_callback=take, **options)
        except requests.exceptions.RequestException as error:
            raise _TooLarge(str(error)) if len(got) > provider.LARGEST_BYTES else error from None
        answer.content = bytes(got)
        return answer


class _TooLarge(requests.exceptions.RequestException):
    """An answer that is read no further."""


def _explain_broken_off(error: Exception) -> NoAnswer:
    if isinstance(error, _TooLarge):
        return NoAnswer(
            Reason.TOO_LARGE,
            f"{SITE} answers with more than {provider.LARGEST_BYTES:,} bytes, which is the most that is "
            "taken; look "
            "at what it sends",
        )
    slow = isinstance(error, requests.exceptions.Timeout)
    reason = Reason.TIMEOUT if slow else Reason.UNREACHABLE
    return NoAnswer(
        reason, f"{SITE} did not answer: {error}; the request is repeated later; check the network"
    )


def _read_chart_head(symbol: str, answer: requests.Response) -> ChartHead | NoAnswer:
    try:
        return read_head(symbol, answer.status_code, answer.headers.get("Retry-After"), answer.content)
    except NoAnswer as error:
        return error


class Yahoo:
    """Uses `Ticker.history`; daily rows are dated in the time zone of their exchange, not the library's."""

    def __init__(
        self, series: Series, settings: ProviderSettings, session: YahooSession | None = None
    ) -> None:
        self._series = series
        wti = series.product == SERIES["wti-front"].product
        self._symbol = settings.yahoo.wti_symbol if wti else settings.yahoo.symbol
        self.terms = provider.Terms(
            f"{SITE}, {self._symbol}, through yfinance",
            "personal and research use, by Yahoo's terms: not to be passed on",
        )
        self._seconds = settings.timeout_seconds
        self._session = session or YahooSession()
        yfinance.config.debug.hide_exceptions = False
        keep_nothing_between_processes()
        _silence_library()

    def fetch(
        self, since: date, now: datetime, reject: provider.Reject = provider.ignore_rejections
    ) -> tuple[Bar, ...]:
        """See `Provider`."""
        frame, zone = self._ask(since, now)
        if self._series.is_daily:
            return provider.select_bars(
                provider.read_rows(SITE, frame, partial(self._read_daily, zone), reject), since, SITE
            )
        return provider.select_bars(provider.read_rows(SITE, frame, self._read_intraday, reject), since, SITE)

    def _ask(self, since: date, now: datetime) -> tuple[list[_Row], ZoneInfo]:
        """The rows of the chart, and the zone of its exchange."""
        YfData.cache_get.cache_clear()
        self._session.begin(self._seconds)
        try:
            with warnings.catch_warnings(action="ignore"):
                rows = _convert_rows(self._fetch_history(since, now))
        except MemoryError:
            raise
        except Exception as error:  # noqa: BLE001 - the library raises anything for an answer of another shape
            self._check_chart()
            raise self._explain_failure(error) from None
        return rows, self._check_chart()

    def _fetch_history(self, since: date, now: datetime) -> pandas.DataFrame:
        daily = self._series.is_daily
        start = since if daily else max(since - _A_DAY, (now - _LONGEST_INTRADAY).date())
        frame: pandas.DataFrame = yfinance.Ticker(self._symbol, session=self._session).history(
            start=start.isoformat(),
            interval=self._series.interval,
            prepost=True,
            auto_adjust=False,
            actions=False,
            timeout=self._seconds,
        )
        return frame

    def _check_chart(self) -> ZoneInfo:
        """The zone of the last chart; raises if there was none, or it is not the requested one."""
        match self._session.chart:
            case NoAnswer() as error:
                raise error
            case ChartHead() as meta:
                return check_head(meta, self._symbol, self._series)
        raise NoAnswer(
            Reason.EMPTY,
            f"{SITE} has not been asked for a chart of {self._symbol} yet; the request is repeated later",
        )

    def _explain_failure(self, error: Exception) -> NoAnswer:
        """A valid chart from which the library returns nothing."""
        if isinstance(error, requests.exceptions.RequestException):
            return _explain_broken_off(error)
        if isinstance(error, YFException):
            return NoAnswer(
                Reason.EMPTY,
                f"{SITE} sent a chart of {self._symbol} without prices; the request is repeated later",
            )
        return explain_garbled(f"a chart that yfinance cannot read ({provider.describe_error(error)})")

    def _read_daily(self, zone: ZoneInfo, row: _Row) -> Bar | None:
        """None on a weekend: trade on a Sunday belongs to Monday."""
        session = provider.check_day(row.at.astimezone(zone).date())
        if session.weekday() > FRIDAY:
            return None
        made = Bar(
            session=session,
            closes_at=self._series.closes_at(session),
            open=row.open if math.isfinite(row.open) else None,
            close=row.close,
            volume=row.volume,
        )
        return provider.check_bar(made)

    def _read_intraday(self, row: _Row) -> Bar:
        opens_at = row.at.astimezone(UTC)
        made = Bar(
            session=provider.check_day(find_session(opens_at)),
            opens_at=opens_at,
            closes_at=opens_at + timedelta(minutes=int(self._series.interval.removesuffix("m"))),
            open=row.open if math.isfinite(row.open) else None,
            close=row.close,
            interval=self._series.interval,
            volume=row.volume,
        )
        return provider.check_bar(made)


def find_session(at: datetime) -> date:
    """The session that trade at an instant belongs to: the next one from 18:00 in New York on."""
    local = at.astimezone(NEW_YORK)
    day = local.date() + _A_DAY if local.hour >= _EVENING else local.date()
    while day.weekday() > FRIDAY:
        day += _A_DAY
    return day


class _Row(NamedTuple):
    """A row with a close; a missing open is NaN."""

    at: datetime
    open: float
    close: float
    volume: float


def _convert_rows(frame: pandas.DataFrame) -> list[_Row]:
    if frame.empty:
        return []
    kept = frame[frame["Close"].notna()]
    times = [stamp.to_pydatetime() for stamp in pandas.DatetimeIndex(kept.index).tz_convert(UTC)]
    columns = (kept[name].astype(float) for name in ("Open", "Close", "Volume"))
    return [_Row(*row) for row in zip(times, *columns, strict=True)]


_folders: list[TemporaryDirectory[str]] = []


def keep_nothing_between_processes() -> None:
    """Put the library's cache of time zones and cookies into a temporary folder: ours may be read-only."""
    if not _folders:
        folder = TemporaryDirectory(prefix="brentwatch-", ignore_cleanup_errors=True)
        _folders.append(folder)
        atexit.register(folder.cleanup)
        yfinance.set_tz_cache_location(folder.name)


def _silence_library() -> None:
    """Its log messages are part of our errors; without a handler they would go to standard error."""
    for library in map(logging.getLogger, _LOGGERS):
        if not library.handlers:
            library.addHandler(logging.NullHandler())
        library.propagate = False
