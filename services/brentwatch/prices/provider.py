"""The interface of price providers: bars of one series, read row by row; a bad row is rejected alone."""

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple, Protocol, TypeVar

from brentwatch.core.domain import Bar
from brentwatch.core.errors import InvalidInput, SettingsError, Unavailable
from brentwatch.history.tables import is_plain_day
from brentwatch.web.failures import INTERNAL, UNUSABLE, NoAnswer, Reason
from brentwatch.wire.input_faults import show_value
from brentwatch.wire.timeline_record import DEAREST, NEAREST

"""Why a row is rejected: it is invalid, reading it raised an unexpected error, its day has no session."""

LARGEST_BYTES = 16 << 20
"""The limit of one answer: 25 years of daily prices are half a megabyte."""

MOST_ROWS = 20_000
"""The limit of one answer: 80 years of daily prices, or 60 days of 5-minute bars."""

_MOST_VALUES_A_ROW = 20


def check_bar(bar: Bar) -> Bar:
    """The bar of a row.

    Raises:
        InvalidInput: if `close` or `open` is not a number that the timeline accepts.
    """
    for name, price in (("close", bar.close), ("open", bar.open)):
        if price and not NEAREST <= abs(price) <= DEAREST:  # also NaN
            raise InvalidInput(
                f"the {name} of session {bar.session} is {price}; expected a price of at most "
                f"{DEAREST:,.0f} USD/bbl, and zero or at least {NEAREST:f} from zero"
            )
    return bar


class NotNow(NoAnswer):
    """There are no prices now; try again after `retry_after` seconds."""

    def __init__(self, told: str, seconds: float | None = None, reason: Reason = Reason.EMPTY) -> None:
        super().__init__(reason, told, retry_after=seconds)


@dataclass(frozen=True, slots=True)
class RowsRejected:
    """`count` rows of `source` were rejected for `reason`; `told` and `error` describe one of them.

    `reason` is one of the metric `price_rejections_total`.

    `error` is None if the reason says enough.
    """

    source: str
    reason: str
    count: int
    told: str
    error: Exception | None = None


Reject = Callable[[RowsRejected], object]
"""Called with the rows that were rejected."""


def ignore_rejections(_: RowsRejected) -> None:
    """For a caller that needs the good rows only."""


class Terms(NamedTuple):
    """The source and licence of prices; a history states them."""

    source: str
    licence: str


class Provider(Protocol):
    """One source of one series."""

    @property
    def terms(self) -> Terms:
        """Source and licence of the prices."""

    def fetch(self, since: date, now: datetime, reject: Reject = ignore_rejections) -> tuple[Bar, ...]:
        """The bars of the sessions from `since` (inclusive) to `now` (UTC), at least one, oldest first.

        A session may occur twice, in the order of the provider. A row that cannot be read is skipped and
        reported to `reject`.

        Raises:
            NoAnswer: if it is unreachable, times out, refuses or throttles the request, or has no prices or
                no valid answer; with the reason, and when to retry if it said so.
            InvalidInput: if its answer is unusable, such as another series, another unit or no readable row,
                so that a person has to look.
        """


def check_values(data: bytes, source: str) -> None:
    """Checks JSON before it is read: small values take a hundred times their size in memory.

    Raises:
        NoAnswer: if there are more values than in 20,000 rows.
    """
    if data.count(b",") > MOST_ROWS * _MOST_VALUES_A_ROW:
        raise explain_too_many(source)


def explain_too_many(source: str) -> NoAnswer:
    """The error for an answer with too many rows."""
    return NoAnswer(
        Reason.TOO_LARGE,
        f"{source} sent more than {MOST_ROWS:,} rows, the limit of one answer; check what it sends",
    )


def select_bars(bars: list[Bar], since: date, source: str) -> tuple[Bar, ...]:
    """The bars from `since` on, oldest first.

    Raises:
        NotNow: if there are none.
    """
    kept = sorted((each for each in bars if each.session >= since), key=lambda each: each.closes_at)
    if not kept:
        raise NotNow(
            f"{source} returned no price from {since} on; expected at least one; it may be late, check it "
            "yourself if it stays so"
        )
    return tuple(kept)


Raw = TypeVar("Raw")
Read = TypeVar("Read")

FIRST_YEAR, LAST_YEAR = 1900, 2199
"""Limits of sessions: no oil future is older, and calendars and clocks end before the year 9999."""

NO_PRICE = ("", ".")
"""The mark of EIA and FRED for a day without a price."""

_NUMBER = re.compile(r"[+-]?(\d{1,15}(\.\d{0,15})?|\.\d{1,15})([eE][+-]?\d{1,2})?", re.ASCII)


def read_rows(
    source: str, rows: Iterable[Raw], read: Callable[[Raw], Read | None], reject: Reject
) -> list[Read]:
    """The results of `read` for each row, without None.

    An error of `read` rejects that row only; `reject` is called once for each reason.

    Raises:
        NoAnswer: if there are more than 20,000 rows.
        InvalidInput: if rows were rejected and no row could be read.
    """
    kept, rejected = list[Read](), _Rejected()
    for row in limit_rows(rows, source):
        try:
            found = read(row)
        except (MemoryError, Unavailable, SettingsError):
            raise
        except InvalidInput as error:
            rejected.add(UNUSABLE, error)
        except Exception as error:  # noqa: BLE001 - a row from outside: an unexpected error costs that row only
            rejected.add(INTERNAL, error)
        else:
            kept += [] if found is None else [found]
    for fact in rejected.summarise(source):
        reject(fact)
    if rejected.first and not kept:
        told = describe_error(next(iter(rejected.first.values())))
        raise InvalidInput(f"{source} sent {rejected.counts.total():,} rows and none is usable: {told}")
    return kept


def limit_rows(rows: Iterable[Raw], source: str) -> Iterator[Raw]:
    """The rows, one by one.

    Raises:
        NoAnswer: if there are more than 20,000.
    """
    for number, row in enumerate(rows):
        if number == MOST_ROWS:
            raise explain_too_many(source)
        yield row


class _Rejected:
    """Rejected rows: the number and the first error for each reason."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.first: dict[str, Exception] = {}

    def add(self, reason: str, error: Exception) -> None:
        self.counts[reason] += 1
        self.first.setdefault(reason, error)

    def summarise(self, source: str) -> Iterable[RowsRejected]:
        for reason, error in self.first.items():
            shown_error = error if reason == INTERNAL else None
            yield RowsRejected(source, reason, self.counts[reason], describe_error(error), shown_error)


def describe_error(error: Exception) -> str:
    """The text of one of our errors; for other errors the type and the beginning of the text."""
    if isinstance(error, InvalidInput | Unavailable | SettingsError):
        return str(error)
    return f"unexpected {type(error).__name__}: {show_value(str(error))}"


def read_day(text: str) -> date:
    """The day in the form YYYY-MM-DD.

    Raises:
        InvalidInput: if it is not a day, or cannot be a session.
    """
    if not is_plain_day(text):
        raise InvalidInput(f"a row is dated {show_value(text)}; expected a day as YYYY-MM-DD")
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise InvalidInput(f"a row is dated {show_value(text)}; expected a day that exists") from None
    return check_day(day)


def check_day(day: date) -> date:
    """The same day.

    Raises:
        InvalidInput: if it cannot be a session.
    """
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise InvalidInput(f"a row is dated {day}; expected a session from {FIRST_YEAR} to {LAST_YEAR}")
    return day


def read_price(text: str) -> float:
    """The price in a decimal number.

    Raises:
        InvalidInput: if it is not one.
    """
    number = float(text) if _NUMBER.fullmatch(text) else math.nan
    if not math.isfinite(number):
        raise InvalidInput(f"a price is {show_value(text)}; expected a number with a decimal point")
    return number
