"""What every price provider promises: bars of one series, read row by row; a bad row is rejected alone."""

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

"""Why a row is rejected: it makes no sense, reading it raised an unexpected error, its day has no session."""

LARGEST_BYTES = 16 << 20
"""Of one answer: twenty-five years of daily prices are half a megabyte."""

MOST_ROWS = 20_000
"""Of one answer: eighty years of daily prices, or 60 days of bars of five minutes."""

_MOST_VALUES_A_ROW = 20


def check_bar(bar: Bar) -> Bar:
    """The bar of a row.

    Raises:
        InvalidInput: if `close` or `open` is no number that the timeline takes.
    """
    for name, price in (("close", bar.close), ("open", bar.open)):
        if price and not NEAREST <= abs(price) <= DEAREST:  # also what is not a number
            raise InvalidInput(
                f"the {name} of session {bar.session} is {price}; expected a price of at most "
                f"{DEAREST:,.0f} USD/bbl, and zero or at least {NEAREST:f} from zero"
            )
    return bar


class NotNow(NoAnswer):
    """There are no prices now; `retry_after` is after how many seconds they are to be asked for again."""

    def __init__(self, told: str, seconds: float | None = None, reason: Reason = Reason.EMPTY) -> None:
        super().__init__(reason, told, retry_after=seconds)


@dataclass(frozen=True, slots=True)
class RowsRejected:
    """`count` rows of `source` were rejected for `reason`; `told` and `error` tell of one.

    `reason` is one of the metric `price_rejections_total`.

    `error` is None where the reason says enough.
    """

    source: str
    reason: str
    count: int
    told: str
    error: Exception | None = None


Reject = Callable[[RowsRejected], object]
"""Is told which rows were left out."""


def ignore_rejections(_: RowsRejected) -> None:
    """For a caller that wants the good rows and nothing else."""


class Terms(NamedTuple):
    """Where prices come from, and on which terms: said of a history that is made of them."""

    source: str
    licence: str


class Provider(Protocol):
    """One source of one series."""

    @property
    def terms(self) -> Terms:
        """Whose prices they are."""

    def fetch(self, since: date, now: datetime, reject: Reject = ignore_rejections) -> tuple[Bar, ...]:
        """The bars of the sessions from `since` (inclusive) to `now` (UTC), at least one, oldest first.

        A session may come twice, in the order of the provider. A row that cannot be read is left out and
        reported to `reject`; the other rows are returned.

        Raises:
            NoAnswer: if it cannot be reached, does not answer in time, refuses us, asks for patience, speaks
                something else, or has nothing; with the reason, and with when to come back if it said so.
            InvalidInput: if it answers with what can never be used, such as another series, another unit or
                no row that can be read: somebody must look.
        """


def check_values(data: bytes, source: str) -> None:
    """Looks before JSON is read: of small values it takes a hundred times its size in memory.

    Raises:
        NoAnswer: if there are more values than in 20,000 rows.
    """
    if data.count(b",") > MOST_ROWS * _MOST_VALUES_A_ROW:
        raise explain_too_many(source)


def explain_too_many(source: str) -> NoAnswer:
    """The error of an answer with too many rows."""
    return NoAnswer(
        Reason.TOO_LARGE,
        f"{source} sent more than {MOST_ROWS:,} rows, which is the most that is taken; look at what it sends",
    )


def select_bars(bars: list[Bar], since: date, source: str) -> tuple[Bar, ...]:
    """The bars from `since` on, oldest first.

    Raises:
        NotNow: if there are none: an empty answer is no answer.
    """
    kept = sorted((each for each in bars if each.session >= since), key=lambda each: each.closes_at)
    if not kept:
        raise NotNow(
            f"{source} gave no price from {since} on; at least one was wanted: it may be late, look at it "
            "yourself if it stays so"
        )
    return tuple(kept)


Raw = TypeVar("Raw")
Read = TypeVar("Read")

FIRST_YEAR, LAST_YEAR = 1900, 2199
"""Of sessions: no oil future is older, and calendars and clocks end before the year 9999."""

NO_PRICE = ("", ".")
"""What EIA and FRED write where a day has no price."""

_NUMBER = re.compile(r"[+-]?(\d{1,15}(\.\d{0,15})?|\.\d{1,15})([eE][+-]?\d{1,2})?", re.ASCII)


def read_rows(
    source: str, rows: Iterable[Raw], read: Callable[[Raw], Read | None], reject: Reject
) -> list[Read]:
    """What `read` makes of each row, without those of which it makes None.

    An error of `read` rejects that row alone; `reject` is told once for each reason.

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
        raise InvalidInput(f"{source} sent {rejected.counts.total():,} rows and none can be used: {told}")
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
    """Rejected rows: how many for each reason, and the first error of each."""

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
    """The sentence of one of our errors; of any other error its type and the beginning of its text."""
    if isinstance(error, InvalidInput | Unavailable | SettingsError):
        return str(error)
    return f"unexpected {type(error).__name__}: {show_value(str(error))}"


def read_day(text: str) -> date:
    """The day that YYYY-MM-DD names.

    Raises:
        InvalidInput: if it names none, or one that cannot be a session.
    """
    if not is_plain_day(text):
        raise InvalidInput(f"a row is dated {show_value(text)}; expected a day as YYYY-MM-DD")
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise InvalidInput(f"a row is dated {show_value(text)}; expected a day of the calendar") from None
    return check_day(day)


def check_day(day: date) -> date:
    """The day itself.

    Raises:
        InvalidInput: if it cannot be a session.
    """
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise InvalidInput(f"a row is dated {day}; expected a session of {FIRST_YEAR} to {LAST_YEAR}")
    return day


def read_price(text: str) -> float:
    """The price that a decimal number names.

    Raises:
        InvalidInput: if it is not one.
    """
    number = float(text) if _NUMBER.fullmatch(text) else math.nan
    if not math.isfinite(number):
        raise InvalidInput(f"a price is {show_value(text)}; expected a number with a decimal point")
    return number
