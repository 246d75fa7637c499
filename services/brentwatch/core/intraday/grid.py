"""A session laid out on its slots: the return of every bar, and the bars that are missing.

The return of a bar is from the close before it to its own close. For the first bar after a break, and the
first of another contract, it is from its own open to its close, so no return crosses a break or a splice. A
bar has no return if that open is missing, or if a price is zero or below. A bar without trades and a missing
bar have a return of zero; the price stays that of the bar before.
"""

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from brentwatch.core.domain.arrays import Bools, Floats, Integers
from brentwatch.core.intraday.clock import SLOTS
from brentwatch.core.intraday.moves import MOST_QUIET

ABSENT, TRADED, QUIET, BROKEN = 0, 1, 2, 3
"""The kinds of a slot: absent or not known yet, with a return, zero without trades, without a return."""


class GridColumns(NamedTuple):
    """Bars of one session by column, in order of their slots; a missing open is NaN."""

    slots: Integers
    opens: Floats
    closes: Floats
    traded: Bools
    contracts: NDArray[np.str_]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Grid:
    """The 276 slots of a session that trades from slot `opens` to before `closes`.

    Slots before `known` are known. `returns` are log fractions, zero if there is none; `kinds` gives the kind
    of each slot. `prices` is the newest price (USD/bbl) at the end of each slot, NaN before the first;
    `first_price` is the open of the first bar, NaN if it is missing; `contracts` are the first and the last
    of the session. The session is `usable` in a reference if it is over, its price moved, and at most a third
    of it had no trades.
    """

    session: date
    opens: int
    closes: int
    known: int
    returns: Floats
    kinds: NDArray[np.int8]
    prices: Floats
    first_price: float
    contracts: tuple[str, str]
    usable: bool

    @property
    def counted(self) -> Bools:
        """The slots that have a return, including zero for slots without trades."""
        return np.asarray((self.kinds == TRADED) | (self.kinds == QUIET), dtype=np.bool_)

    @property
    def quiet(self) -> Bools:
        """The slots without trades."""
        return np.asarray(self.kinds == QUIET, dtype=np.bool_)


def build_grid(session: date, span: tuple[int, int, int], columns: GridColumns) -> Grid:
    """The grid of a session that trades in `span`: first slot, slot after the last, slot not known yet."""
    opens, closes, known = span
    values = _compute_returns(columns)
    exists = np.isfinite(values)
    kinds = np.full(SLOTS, ABSENT, dtype=np.int8)
    kinds[opens:known] = QUIET
    kinds[columns.slots] = np.where(columns.traded, np.where(exists, TRADED, BROKEN), QUIET)
    returns = np.zeros(SLOTS)
    returns[columns.slots] = np.where(exists & columns.traded, values, 0.0)
    bars = len(columns.slots)
    return Grid(
        session=session,
        opens=opens,
        closes=closes,
        known=known,
        returns=returns,
        kinds=kinds,
        prices=_fill_prices(columns),
        first_price=float(columns.opens[0]) if bars else float("nan"),
        contracts=(str(columns.contracts[0]), str(columns.contracts[-1])) if bars else ("", ""),
        usable=known >= closes and _is_alive(kinds) and bool(returns.any()),
    )


def _is_alive(kinds: NDArray[np.int8]) -> bool:
    quiet = int(np.count_nonzero(kinds == QUIET))
    return quiet <= MOST_QUIET * (quiet + int(np.count_nonzero(kinds == TRADED)))


def _compute_returns(columns: GridColumns) -> Floats:
    """The returns, NaN where there is none."""
    base = columns.opens.copy()
    goes_on = columns.contracts[1:] == columns.contracts[:-1]
    base[1:] = np.where(goes_on, columns.closes[:-1], columns.opens[1:])
    exists = (base > 0.0) & (columns.closes > 0.0)
    ratios = np.divide(columns.closes, base, out=np.full(len(base), np.nan), where=exists)
    return np.asarray(np.log(ratios), dtype=np.float64)


def _fill_prices(columns: GridColumns) -> Floats:
    """The close of the newest bar at or before each slot."""
    places = np.searchsorted(columns.slots, np.arange(SLOTS), side="right") - 1
    held = np.append(columns.closes, np.nan)  # index -1: no bar yet
    return np.asarray(held[places], dtype=np.float64)
