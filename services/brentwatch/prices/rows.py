"""Reads the rows of a provider's answer: a row that cannot be read is rejected, and the others are kept."""

from __future__ import annotations

import math
import re
from collections import Counter
from datetime import date
from typing import TYPE_CHECKING, TypeVar

from brentwatch.core.errors import InvalidInput, SettingsError, Unavailable
from brentwatch.prices.provider import INTERNAL, MOST_ROWS, UNUSABLE, RowsRejected, explain_too_many
from brentwatch.wire.faults import show_value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from brentwatch.prices.provider import Reject

Raw = TypeVar("Raw")
Read = TypeVar("Read")

FIRST_YEAR, LAST_YEAR = 1900, 2199
"""Of sessions: no oil future is older, and calendars and clocks end before the year 9999."""

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
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
    if not _DAY.fullmatch(text):
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
