"""Reads the head of a Yahoo Finance chart: an error, or the symbol, currency, interval and time zone."""

from collections.abc import Mapping
from zoneinfo import ZoneInfo

import msgspec

from brentwatch.core.domain import Series
from brentwatch.core.errors import InvalidInput
from brentwatch.prices.provider import check_values
from brentwatch.web.failures import NoAnswer, Reason
from brentwatch.web.statuses import describe_status
from brentwatch.wire.input_faults import show_value

SITE = "Yahoo Finance"
_OK = 200

_REASONS = {
    "not found": Reason.MISSING,
    "unauthorized": Reason.REFUSED,
    "forbidden": Reason.REFUSED,
    "too many requests": Reason.THROTTLED,
}
"""The reason by Yahoo's error code."""

_REMEDIES: Mapping[Reason, str] = {
    Reason.REFUSED: "no credentials are needed, so this is a block or a change at Yahoo: the request is "
    "repeated later; if it stays refused, update yfinance or use another provider",
    Reason.MISSING: "check the symbol in prices.yahoo.symbol or wti_symbol; the request is repeated later",
    Reason.DELISTED: "set prices.yahoo.symbol or wti_symbol to the symbol that trades now, or use another "
    "provider",
}
_LATER = "the request is repeated later"


class ChartHead(msgspec.Struct, frozen=True, rename="camel"):
    """The head of a chart: the fields that are checked."""

    symbol: str | None = None
    currency: str | None = None
    exchange_timezone_name: str | None = None
    data_granularity: str | None = None


class _Prices(msgspec.Struct, frozen=True):
    """Checked here: pandas takes `true` for a price of 1."""

    open: tuple[float | None, ...] = ()
    close: tuple[float | None, ...] = ()


class _Indicators(msgspec.Struct, frozen=True):
    quote: tuple[_Prices, ...] = ()


class _Result(msgspec.Struct, frozen=True):
    meta: ChartHead
    timestamp: tuple[int, ...] = ()
    indicators: _Indicators = _Indicators()


class _Explained(msgspec.Struct, frozen=True):
    code: str = ""
    description: str = ""


class _Chart(msgspec.Struct, frozen=True):
    result: tuple[_Result, ...] | None = None
    error: _Explained | None = None


class _Answer(msgspec.Struct, frozen=True):
    chart: _Chart


def read_head(symbol: str, status: int, retry_after: str | None, content: bytes) -> ChartHead:
    """The head of the chart in an answer to a request for `symbol`.

    Raises:
        NoAnswer: if the answer has none, with the reason from Yahoo or from the status.
    """
    if status == _OK:
        return _select_head(symbol, _decode(content).chart)
    try:
        explained = _decode(content).chart.error
    except NoAnswer:
        explained = None
    if explained is not None and _is_delisted(explained):
        raise _explain_unanswered(symbol, explained)
    raise describe_status(f"{SITE}, asked for {symbol},", status, retry_after, _REMEDIES)


def _decode(content: bytes) -> _Answer:
    check_values(content, SITE)
    try:
        return msgspec.json.decode(content, type=_Answer)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise explain_garbled("something other than a chart in JSON") from None


def explain_garbled(what: str) -> NoAnswer:
    """The error for an answer in another form."""
    return NoAnswer(
        Reason.GARBLED, f"{SITE} sent {what}; expected a chart: the site may be under repair, {_LATER}"
    )


def _select_head(symbol: str, chart: _Chart) -> ChartHead:
    if chart.error is not None:
        raise _explain_unanswered(symbol, chart.error)
    if not chart.result:
        raise NoAnswer(Reason.EMPTY, f"{SITE} sent an empty chart of {symbol}; expected prices: {_LATER}")
    return chart.result[0].meta


def _is_delisted(explained: _Explained) -> bool:
    return "delisted" in explained.description.lower()


def _explain_unanswered(symbol: str, explained: _Explained) -> NoAnswer:
    reason = _REASONS.get(explained.code.strip().lower(), Reason.EMPTY)
    if _is_delisted(explained):
        reason = Reason.DELISTED
    why = show_value(explained.description or explained.code)
    return NoAnswer(
        reason, f"{SITE} sent no prices of {symbol} and says {why}; {_REMEDIES.get(reason, _LATER)}"
    )


def check_head(meta: ChartHead, symbol: str, series: Series) -> ZoneInfo:
    """The time zone of the exchange, in which rows are dated, of the requested chart.

    Raises:
        InvalidInput: if the chart is of another symbol, currency, unit or interval, or has no time zone.
    """
    zone = _parse_zone(meta.exchange_timezone_name, symbol)
    for name, value, expected in (
        ("symbol", meta.symbol and meta.symbol.upper(), symbol.upper()),
        ("currency", meta.currency, series.unit.partition("/")[0]),
        ("interval", meta.data_granularity or series.interval, series.interval),
    ):
        if value != expected:
            raise InvalidInput(
                f"{SITE} sent a chart of {symbol} whose {name} is {_show_value(value)}; expected "
                f"{expected}: the "
                "answer is not used; check prices.yahoo.symbol or wti_symbol"
            )
    return zone


def _parse_zone(name: str | None, symbol: str) -> ZoneInfo:
    try:
        return ZoneInfo(name or "")
    except (ValueError, OSError, LookupError):
        raise InvalidInput(
            f"{SITE} sent a chart of {symbol} whose time zone is {_show_value(name)}; expected one like "
            "America/New_York: the answer is not used, since its days cannot be dated"
        ) from None


def _show_value(value: str | None) -> str:
    return "not given" if value is None else show_value(value)
