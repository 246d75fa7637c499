"""Massive on this machine: its futures aggregates as they are documented, from bars that a test gives.

Protocol: https://massive.com/docs/rest/futures/aggregates, and its published definition. A bearer key; one
contract a request; `window_start` in nanoseconds; pages that `next_url` leads to; errors as JSON with status,
request_id and error or message.
"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from tests.prices.stub import Answer
from tests.web.stub import Stub

if TYPE_CHECKING:
    from tests.web.stub import Asked

KEY = "open-sesame"
UNKNOWN_KEY = {
    "status": "ERROR",
    "request_id": "6a7e466379af0a71039d60cc78e72282",
    "error": "Unknown API Key",
}
NOT_ENTITLED = {
    "status": "NOT_AUTHORIZED",
    "request_id": "ceb0d8fe19988a8ee42bf8048ac0d74d",
    "message": "You are not entitled to this data. Please upgrade your plan at https://massive.com/pricing",
}
TOO_MANY = {
    "status": "ERROR",
    "request_id": "aabbccddeeff00112233445566778899",
    "error": "You've exceeded the maximum requests per minute, please wait or upgrade your subscription.",
}


def nanoseconds(at: datetime) -> int:
    return int(at.timestamp()) * 1_000_000_000


def row(ticker: str, session: date, starts: datetime, close: float, **more: Any) -> dict[str, Any]:
    """One aggregate, with every field that is documented as required."""
    return {
        "ticker": ticker,
        "window_start": nanoseconds(starts),
        "session_end_date": str(session),
        "open": close,
        "high": close,
        "low": close,
        "close": close,
        "volume": 133,
        "transactions": 74,
        "dollar_volume": 133_000 * close,
    } | more


def session_row(ticker: str, session: date, price: float, **more: Any) -> dict[str, Any]:
    """The aggregate of a session, which begins on the day before; its last trade is not its settlement."""
    starts = datetime.combine(session - timedelta(days=1), datetime.min.time(), tzinfo=UTC)
    return row(ticker, session, starts, price + 0.11, settlement_price=price, **more)


def page(*rows: dict[str, Any], status: str = "OK", next_url: str | None = None) -> bytes:
    """An answer with these rows."""
    whole: dict[str, Any] = {
        "request_id": "b452e45b7eaad14151c3e1ce5129b558",
        "results": rows,
        "status": status,
    }
    return json.dumps(whole if next_url is None else whole | {"next_url": next_url}).encode()


class MassiveSite(Stub):
    """Answers from `rows`, the aggregates it has by ticker; `page_size` at most in one page.

    A ticker in `not_entitled` is none of the plan; `allowed` is how many more requests it takes.
    """

    def __init__(self) -> None:
        super().__init__()
        self.rows: dict[str, list[dict[str, Any]]] = {}
        self.page_size = 50_000
        self.status = "OK"
        self.not_entitled: set[str] = set()
        self.allowed: int | None = None

    def routes(self, asked: Asked) -> Answer:
        if asked.headers.get("Authorization") != f"Bearer {KEY}":
            return Answer(json.dumps(UNKNOWN_KEY).encode(), 401)
        if self.allowed is not None:
            self.allowed -= 1
            if self.allowed < 0:
                return Answer(json.dumps(TOO_MANY).encode(), 429, {"Retry-After": "60"})
        head, _, ticker = asked.path.rpartition("/")
        if head != "/futures/v1/aggs":
            return Answer(b"404 page not found", 404)
        if ticker in self.not_entitled:
            return Answer(json.dumps(NOT_ENTITLED).encode(), 403)
        return self._page(ticker, asked)

    def _page(self, ticker: str, asked: Asked) -> Answer:
        if asked.query.get("resolution") not in ("5min", "1session") and "cursor" not in asked.query:
            return Answer(b'{"status": "ERROR", "error": "unsupported resolution"}', 400)
        found = sorted(self._select(ticker, asked), key=lambda each: each["window_start"])
        start = int(asked.query.get("cursor", "0"))
        rest = found[start + self.page_size :]
        further = f"https://api.massive.com{asked.path}?cursor={start + self.page_size}" if rest else None
        return Answer(page(*found[start : start + self.page_size], status=self.status, next_url=further))

    def _select(self, ticker: str, asked: Asked) -> list[dict[str, Any]]:
        """A cursor stands for the whole query; the tests page through all that there is."""
        if "cursor" in asked.query:
            return self.rows.get(ticker, [])
        first, last = (
            nanoseconds(datetime.fromisoformat(asked.query[f"window_start.{each}"]).replace(tzinfo=UTC))
            for each in ("gte", "lte")
        )
        return [each for each in self.rows.get(ticker, []) if first <= each["window_start"] <= last]
