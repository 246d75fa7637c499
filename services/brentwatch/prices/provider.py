"""What every price provider promises, and what it gives: quotes of one series, finished or not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol

from brentwatch.core.domain.bars import DAILY
from brentwatch.core.errors import InvalidInput
from brentwatch.web.faults import NoAnswer, Reason
from brentwatch.wire.timeline_record import DEAREST, NEAREST

if TYPE_CHECKING:
    from datetime import date, datetime

UNUSABLE, INTERNAL, NO_SESSION = "invalid", "internal", "no_session"
ROW_REASONS = (UNUSABLE, INTERNAL, NO_SESSION)
"""Why a row is rejected: it makes no sense, reading it raised an unexpected error, its day has no session."""

LARGEST_BYTES = 16 << 20
"""Of one answer: twenty-five years of daily prices are half a megabyte."""

MOST_ROWS = 20_000
"""Of one answer: eighty years of daily prices, or 60 days of bars of five minutes."""

_MOST_VALUES_A_ROW = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """One row of a provider.

    `session` is the session's date, `closes_at` (UTC) the settlement instant of a daily row and the end of an
    intraday one, `close` is in USD/bbl. `opens_at` (UTC) and `open` (USD/bbl), where there is one, are told
    for intraday rows, `volume` where there is one: 0 says that the provider counted none, None that it does
    not count.

    Raises:
        InvalidInput: if `close` or `open` is no number that the timeline takes.
    """

    session: date
    closes_at: datetime
    close: float
    interval: str = DAILY
    opens_at: datetime | None = None
    open: float | None = None
    volume: float | None = None

    def __post_init__(self) -> None:
        for name, price in (("close", self.close), ("open", self.open)):
            if price and not NEAREST <= abs(price) <= DEAREST:  # also what is not a number
                raise InvalidInput(
                    f"the {name} of session {self.session} is {price}; expected a price of at most "
                    f"{DEAREST:,.0f} USD/bbl, and zero or at least {NEAREST:f} from zero"
                )


class NotNow(NoAnswer):
    """There are no prices now; `retry_after` is after how many seconds they are to be asked for again."""

    def __init__(self, told: str, seconds: float | None = None, reason: Reason = Reason.EMPTY) -> None:
        super().__init__(reason, told, retry_after=seconds)


@dataclass(frozen=True, slots=True)
class RowsRejected:
    """`count` rows of `source` were rejected for a reason of `ROW_REASONS`; `told` and `error` tell of one.

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

    @property
    def series(self) -> str:
        """Which series it has."""

    def fetch(self, since: date, now: datetime, reject: Reject = ignore_rejections) -> tuple[Quote, ...]:
        """The quotes of the sessions from `since` (inclusive) to `now` (UTC), at least one, oldest first.

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


def select_quotes(quotes: list[Quote], since: date, source: str) -> tuple[Quote, ...]:
    """The quotes from `since` on, oldest first.

    Raises:
        NotNow: if there are none: an empty answer is no answer.
    """
    kept = sorted((each for each in quotes if each.session >= since), key=lambda each: each.closes_at)
    if not kept:
        raise NotNow(
            f"{source} gave no price from {since} on; at least one was wanted: it may be late, look at it "
            "yourself if it stays so"
        )
    return tuple(kept)
