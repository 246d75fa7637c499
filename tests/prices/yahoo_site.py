"""What Yahoo Finance answers, in the shape of version 8 of its chart, and a session that goes there."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from curl_cffi.requests import Response
from tests.prices.stub import Answer
from yfinance.cache import get_tz_cache
from yfinance.data import SingletonMeta, YfData

from brentwatch.prices.providers.yahoo import YahooSession, keep_nothing_between_processes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date


NEW_YORK = ZoneInfo("America/New_York")


class ToStub(YahooSession):
    """Sends every request to a stub, with the host that was meant in the Host header."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._to = url

    def request(self, method: Any, url: str, **options: Any) -> Response:  # type: ignore[override]  # as there
        parts = urlsplit(url)
        headers = {**(options.pop("headers", None) or {}), "Host": parts.netloc}
        return super().request(method, f"{self._to}{parts.path}", headers=headers, **options)


class Canned(YahooSession):
    """Sends nothing anywhere: every request for a chart has the same answer, and there is nothing else."""

    def __init__(self, chart: bytes) -> None:
        super().__init__()
        self._chart = chart

    def _send(self, method: Any, url: str, **options: Any) -> Response:
        del method, options
        answer = Response()
        answer.url, answer.status_code, answer.content = url, 404, b""
        if "/chart/" in url:
            answer.status_code, answer.content = 200, self._chart
        return answer


def forget() -> None:
    """The library keeps one of itself for the whole process, what it heard, and the zone of a symbol."""
    keep_nothing_between_processes()
    get_tz_cache().store("BZ=F", None)
    SingletonMeta._instances.clear()
    YfData.cache_get.cache_clear()


def midnight(day: date) -> datetime:
    """The start of a day in New York, at which Yahoo dates a daily row."""
    return datetime.combine(day, datetime.min.time(), tzinfo=NEW_YORK)


def chart(
    rows: Mapping[datetime, float | None],
    interval: str = "1d",
    volume: int | None = 1_000,
    opens: Sequence[float | None] | None = None,
    head: Mapping[str, object] = MappingProxyType({}),
) -> bytes:
    """A chart of these closes, and of these opens, or the same; `head` replaces what its head says."""
    closes = list(rows.values())
    volumes = [volume for _ in closes]
    quote = {
        "open": closes if opens is None else list(opens),
        "high": closes,
        "low": closes,
        "close": closes,
        "volume": volumes,
    }
    times = [int(at.timestamp()) for at in rows]
    told = {name: value for name, value in (meta(interval) | dict(head)).items() if value is not ...}
    result = {
        "meta": told,
        "timestamp": times,
        "indicators": {"quote": [quote], "adjclose": [{"adjclose": closes}]},
    }
    if not rows:
        result = {"meta": told, "indicators": {"quote": [{}]}}
    return json.dumps({"chart": {"result": [result], "error": None}}).encode()


def charts(body: bytes) -> Callable[[str], Answer]:
    """Answers with a chart where one is asked for; of the cookies that the library wants it knows nothing."""
    return lambda target: Answer(body) if "/chart/" in target else Answer(status=404)


def meta(interval: str) -> dict[str, Any]:
    start = midnight(datetime(2024, 1, 12, tzinfo=NEW_YORK).date())
    period = {
        "timezone": "EST",
        "start": int(start.timestamp()),
        "end": int((start + timedelta(hours=23)).timestamp()),
        "gmtoffset": -18000,
    }
    told = {
        "currency": "USD",
        "symbol": "BZ=F",
        "exchangeName": "NYM",
        "instrumentType": "FUTURE",
        "regularMarketTime": int(start.timestamp()),
        "gmtoffset": -18000,
        "timezone": "EST",
        "exchangeTimezoneName": "America/New_York",
        "regularMarketPrice": 78.0,
        "currentTradingPeriod": {"pre": period, "regular": period, "post": period},
        "dataGranularity": interval,
        "range": "",
        "validRanges": ["1d", "5d", "1mo", "3mo", "6mo", "1y", "2y", "5y", "10y", "ytd", "max"],
    }
    return told | ({} if interval == "1d" else {"tradingPeriods": [[period]]})
