"""The rows of a study: every session of the tested series, with its return and that of the benchmark.

The tested series alone says which sessions there are. A session without a benchmark value stays a row; it
only cannot be estimated on. A benchmark return runs over the same two sessions as that of the tested series:
it needs both values, nothing is carried forward, and where one is missing it does not exist. A return over
sessions that are missing from the prices is no return of one session: nothing is estimated on it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from types import MappingProxyType

import numpy as np

from brentwatch.core.domain.arrays import Bools, Floats, Integers
from brentwatch.core.errors import InvalidInput

ONE_SESSION_EACH: Mapping[date, int] = MappingProxyType({})
"""No session is missing from the prices."""

NO_FACTORS: Mapping[str, Mapping[date, float]] = MappingProxyType({})

LARGEST = 1e9
SMALLEST = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Row i is session i of `sessions`; its return runs from session i - 1, so row 0 has none.

    `returns` (S,) and `benchmark` (S,), None without one, are log fractions, zero where there is none.
    `spans` tells of the sessions whose return spans more than one session how many it spans. `usable` (S,) is
    True where a return of one session exists. `used` (U,) lists the usable rows, `estimable` and
    `benchmark_estimable` (U,) hold their returns, and `used_before` (S + 1,) counts those before a row;
    `returned_before` (S + 1,) counts the rows with a return, spanning ones too, `unpriced_before` (S + 1,)
    those with a price at or below zero. `closes` are USD/bbl. `factors` (S, K), with the names
    `factor_names`, and `factors_estimable` (U, K) are the returns of several benchmarks, None without them;
    `benchmark` is then the first of them, which has a value if all have one.
    """

    sessions: tuple[date, ...]
    closes: Floats
    benchmark_closes: Mapping[date, float] | None
    returns: Floats
    benchmark: Floats | None
    spans: Mapping[date, int]
    usable: Bools
    estimable: Floats
    benchmark_estimable: Floats | None
    used: Integers
    used_before: Integers
    returned_before: Integers
    unpriced_before: Integers
    factors: Floats | None = None
    factors_estimable: Floats | None = None
    factor_names: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.sessions)

    def list_missing_benchmark(self, first: int, last: int) -> Iterator[date]:
        """The sessions from row `first` to row `last`, inclusive, on which the benchmark has no value."""
        known = self.benchmark_closes
        if known is not None:
            yield from (session for session in self.sessions[first : last + 1] if session not in known)

    def list_spanning(self, first: int, last: int) -> Iterator[tuple[date, date, int]]:
        """The returns from row `first` to `last`, inclusive, that span more than one session.

        Each with the session before, the session that has it, and how many sessions it spans.
        """
        for row in range(max(first, 1), last + 1):
            if (spanned := self.spans.get(self.sessions[row])) is not None:
                yield self.sessions[row - 1], self.sessions[row], spanned

    def count_spanned(self) -> Floats:
        """(S,): how many sessions the return of each row spans."""
        return np.fromiter((self.spans.get(day, 1) for day in self.sessions), np.float64, len(self.sessions))

    def list_below_zero(self, first: int, last: int) -> Iterator[tuple[str, date, float]]:
        """The prices at or below zero from row `first` to `last`, inclusive: of what, when, how much."""
        for row in range(first, last + 1):
            session = self.sessions[row]
            if self.closes[row] <= 0.0:
                yield "price", session, float(self.closes[row])
            if self.benchmark_closes is not None and self.benchmark_closes.get(session, 1.0) <= 0.0:
                yield "benchmark", session, self.benchmark_closes[session]


def build_rows(
    sessions: Sequence[date],
    closes: Sequence[float] | Floats,
    benchmark: Mapping[date, float] | None = None,
    spans: Mapping[date, int] = ONE_SESSION_EACH,
    factors: Mapping[str, Mapping[date, float]] = NO_FACTORS,
) -> Rows:
    """The rows of one price (USD/bbl) a session, oldest first; `benchmark` gives its value by session.

    `spans` gives, of a session whose return spans more than one, how many it spans. `factors` are the values
    of several benchmarks by name, in the place of `benchmark`.

    Raises:
        InvalidInput: if sessions do not ascend, or a price is no number or of an impossible size.
    """
    days, prices = tuple(sessions), np.asarray(closes, dtype=np.float64)
    if factors:
        benchmark = _find_common_values(factors)
    beside = None if benchmark is None else _align_benchmark(days, benchmark)
    _check(days, prices, benchmark)
    exists, returns = _log_returns(prices)
    unpriced = prices <= 0.0
    market = None
    if beside is not None:
        both, market = _log_returns(beside)
        exists, unpriced = exists & both, unpriced | (beside <= 0.0)
    several = np.empty((len(days), len(factors)))
    for place, values in enumerate(factors.values()):
        _check_factor(values)
        aligned = _align_benchmark(days, values)
        known, several[:, place] = _log_returns(aligned)
        exists, unpriced = exists & known, unpriced | (aligned <= 0.0)
    usable = exists & ~_mark_spanning(days, spans)
    return Rows(
        sessions=days,
        closes=prices,
        benchmark_closes=benchmark,
        returns=returns,
        benchmark=market,
        spans=spans,
        usable=usable,
        estimable=returns[usable],
        benchmark_estimable=None if market is None else market[usable],
        used=np.flatnonzero(usable),
        used_before=_count_before(usable),
        returned_before=_count_before(exists),
        unpriced_before=_count_before(unpriced),
        factors=several if factors else None,
        factors_estimable=several[usable] if factors else None,
        factor_names=tuple(factors),
    )


def _find_common_values(factors: Mapping[str, Mapping[date, float]]) -> dict[date, float]:
    """The values of the first factor on the days on which all have one."""
    first, *others = factors.values()
    return {day: value for day, value in first.items() if all(day in other for other in others)}


def _check_factor(values: Mapping[date, float]) -> None:
    if faults := _check_sizes("benchmark", values.items()):
        raise InvalidInput(*faults)


def _align_benchmark(sessions: Sequence[date], values: Mapping[date, float]) -> Floats:
    """The benchmark by row; NaN, which stays in this file, where it has no value."""
    return np.fromiter((values.get(session, np.nan) for session in sessions), np.float64, len(sessions))


def _log_returns(prices: Floats) -> tuple[Bools, Floats]:
    """Whether each return exists, and ln(price / price before) if it does, zero otherwise."""
    priced = prices > 0.0
    exists = np.zeros(len(prices), dtype=np.bool_)
    exists[1:] = priced[1:] & priced[:-1]
    ratios = np.ones(len(prices))
    np.divide(prices[1:], prices[:-1], out=ratios[1:], where=exists[1:])
    return exists, np.log(ratios)


def _mark_spanning(sessions: Sequence[date], spans: Mapping[date, int]) -> Bools:
    if not spans:
        return np.zeros(len(sessions), dtype=np.bool_)
    return np.fromiter((session in spans for session in sessions), np.bool_, len(sessions))


def _count_before(marked: Bools) -> Integers:
    counts = np.zeros(len(marked) + 1, dtype=np.intp)
    np.cumsum(marked, out=counts[1:])
    return counts


def _check(sessions: Sequence[date], prices: Floats, benchmark: Mapping[date, float] | None) -> None:
    if len(sessions) != len(prices):
        raise InvalidInput(
            f"there are {len(sessions)} sessions and {len(prices)} prices; expected one price a session"
        )
    faults = [
        f"session {later} follows {earlier}; expected ascending sessions; sort them, one price each"
        for earlier, later in pairwise(sessions)
        if later <= earlier
    ]
    faults += _check_sizes("price", zip(sessions, prices.tolist(), strict=True))
    faults += _check_sizes("benchmark", () if benchmark is None else benchmark.items())
    if faults:
        raise InvalidInput(*faults)


def _check_sizes(what: str, values: Iterable[tuple[date, float]]) -> list[str]:
    return [
        f"the {what} of {session} is {value}; expected a number between {SMALLEST:g} and {LARGEST:g}, "
        "zero, or one below zero; correct it, or leave the session out if there is none"
        for session, value in values
        if not (SMALLEST <= abs(value) <= LARGEST or value == 0.0)
    ]
