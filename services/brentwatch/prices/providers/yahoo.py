"""`yahoo`: the front month of Brent at NYMEX (BZ=F) from Yahoo Finance, through yfinance as it comes.

Awkward, each with its reason. The library tells one error from another by luck, so our session notes what
became of the last request for a chart. It keeps errors in a cache for the life of the process, so that is
cleared before each fetch. It waits half a minute for a cookie that a chart can do without, so the session has
one deadline for all requests of a fetch. It follows redirections, and the session does not. The row of the
newest day goes on changing until trade ends; which rows are finished is judged by who writes them.

By Yahoo's terms for personal and research use; prices come 10 to 15 minutes late.
"""

from __future__ import annotations

import atexit
import math
import time
from datetime import UTC, date, datetime, timedelta
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, NamedTuple
from zoneinfo import ZoneInfo

import yfinance
from curl_cffi import requests
from yfinance.data import YfData
from yfinance.exceptions import YFException

from brentwatch.core.bars import DAILY
from brentwatch.prices.provider import Quote, Terms, found
from brentwatch.web.faults import NoAnswer, Reason
from brentwatch.web.fetching import answered

if TYPE_CHECKING:
    import pandas

    from brentwatch.prices.market import Market
    from brentwatch.prices.providers.settings import ProviderSettings

_SITE = "Yahoo Finance"
_OK = 200
_A_DAY = timedelta(days=1)
_LONGEST_INTRADAY = timedelta(days=59)
"""Bars of five minutes are kept there for 60 calendar days."""

_NEW_YORK = ZoneInfo("America/New_York")
_EVENING = 18
"""The hour of New York at which trade of the next session begins."""

_FRIDAY = 4
_UNREADABLE = (ValueError, LookupError, TypeError, AttributeError)
"""What yfinance raises when an answer has another shape than it thinks."""


class Session(requests.Session[requests.Response]):
    """A session that follows no redirection, notes what is wrong with a chart, and has one deadline a fetch.

    `fault` is why the last request for a chart gave none, None where it did.
    """

    def __init__(self) -> None:
        super().__init__(impersonate="chrome")
        self.fault: NoAnswer | None = None
        self._deadline = 0.0

    def begin(self, seconds: float) -> None:
        """All requests from now on end within `seconds`."""
        self.fault = None
        self._deadline = time.monotonic() + seconds

    def request(self, method: Any, url: str, **options: Any) -> requests.Response:  # type: ignore[override]  # theirs lists thirty
        """Send a request, as the library wishes but within our limits."""
        try:
            left = self._deadline - time.monotonic()
            if left <= 0:
                raise requests.exceptions.Timeout("the time for this fetch is over")
            answer = super().request(method, url, **options | {"timeout": left, "allow_redirects": False})
        except requests.exceptions.RequestException as error:
            self._note(url, _broken_off(error))
            raise
        self._note(url, _wrong_with(answer))
        return answer

    def _note(self, url: str, fault: NoAnswer | None) -> None:
        if "/chart/" in url:
            self.fault = fault


def _broken_off(error: Exception) -> NoAnswer:
    slow = isinstance(error, requests.exceptions.Timeout)
    reason = Reason.TIMEOUT if slow else Reason.UNREACHABLE
    return NoAnswer(reason, f"{_SITE} gave no answer: {error}; it is asked again later: check the network")


def _wrong_with(answer: requests.Response) -> NoAnswer | None:
    if answer.status_code != _OK:
        return answered(_SITE, answer.status_code, answer.headers.get("Retry-After"))
    if not answer.content.lstrip().startswith(b"{"):
        return NoAnswer(
            Reason.GARBLED,
            f"{_SITE} answered with something else than JSON; a chart was wanted: the site may be under "
            "repair, it is asked again later",
        )
    return None


class Yahoo:
    """Asks `Ticker.history`; rows in the pit's clock, New York, whichever way the library dates them."""

    def __init__(self, market: Market, settings: ProviderSettings, session: Session | None = None) -> None:
        self.series = market.series
        self._market = market
        self._symbol = settings.yahoo.symbol
        self.terms = Terms(
            f"{_SITE}, {self._symbol}, through yfinance",
            "personal and research use, by Yahoo's terms: not to be passed on",
        )
        self._seconds = settings.timeout_seconds
        self._session = session or Session()
        yfinance.config.debug.hide_exceptions = False
        keep_nothing_between_processes()

    def fetch(self, since: date, now: datetime) -> tuple[Quote, ...]:
        """See `Provider`."""
        rows = self._rows(since, now)
        read = self._daily if self._market.interval == DAILY else self._intraday
        return found([quote for row in rows if (quote := read(row))], since, _SITE)

    def _rows(self, since: date, now: datetime) -> list[_Row]:
        daily = self._market.interval == DAILY
        start = since if daily else max(since - _A_DAY, (now - _LONGEST_INTRADAY).date())
        YfData.cache_get.cache_clear()
        self._session.begin(self._seconds)
        try:
            frame = yfinance.Ticker(self._symbol, session=self._session).history(
                start=start.isoformat(),
                interval=self._market.interval,
                prepost=True,
                auto_adjust=False,
                actions=False,
                timeout=self._seconds,
            )
        except requests.exceptions.RequestException as error:
            raise self._session.fault or _broken_off(error) from None
        except (YFException, *_UNREADABLE) as error:
            raise self._session.fault or self._failed(error) from None
        return _as_rows(frame)

    def _failed(self, error: Exception) -> NoAnswer:
        """An answer in JSON from which the library makes nothing: what Yahoo explains, or another shape."""
        said = str(error) or type(error).__name__
        return NoAnswer(
            Reason.EMPTY if isinstance(error, YFException) else Reason.GARBLED,
            f"{_SITE} gave no prices of {self._symbol}: {said}; a chart was wanted: it is asked for later",
        )

    def _daily(self, row: _Row) -> Quote | None:
        """None on a week-end: what is traded on a Sunday belongs to Monday."""
        session = row.at.astimezone(_NEW_YORK).date()
        if session.weekday() > _FRIDAY:
            return None
        return Quote(
            session=session, closes_at=self._market.closes_at(session), close=row.close, volume=row.volume
        )

    def _intraday(self, row: _Row) -> Quote:
        opens_at = row.at.astimezone(UTC)
        return Quote(
            session=session_of(opens_at),
            opens_at=opens_at,
            closes_at=opens_at + timedelta(minutes=int(self._market.interval.removesuffix("m"))),
            open=row.open if math.isfinite(row.open) else None,
            close=row.close,
            interval=self._market.interval,
            volume=row.volume,
        )


def session_of(at: datetime) -> date:
    """The session that trade at an instant belongs to: the next one from 18:00 in New York on."""
    local = at.astimezone(_NEW_YORK)
    day = local.date() + _A_DAY if local.hour >= _EVENING else local.date()
    while day.weekday() > _FRIDAY:
        day += _A_DAY
    return day


class _Row(NamedTuple):
    """A row that has a close; an open that is not told is not a number."""

    at: datetime
    open: float
    close: float
    volume: float


def _as_rows(frame: pandas.DataFrame) -> list[_Row]:
    if frame.empty:
        return []
    kept = frame[frame["Close"].notna()]
    times = [stamp.to_pydatetime() for stamp in kept.index]
    columns = (kept[name].astype(float) for name in ("Open", "Close", "Volume"))
    return [_Row(*row) for row in zip(times, *columns, strict=True)]


_folders: list[TemporaryDirectory[str]] = []


def keep_nothing_between_processes() -> None:
    """The library keeps time zones and cookies in the user's cache, which a container may not write."""
    if not _folders:
        folder = TemporaryDirectory(prefix="brentwatch-", ignore_cleanup_errors=True)
        _folders.append(folder)
        atexit.register(folder.cleanup)
        yfinance.set_tz_cache_location(folder.name)
