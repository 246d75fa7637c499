"""A session laid out on its slots: the return of every bar, and the bars that are missing.

The return of a bar is that of its close on the close before it; of the first bar after a break, and of the
first of another contract, that of its close on its own open: no return crosses a break or a splice. Where the
source does not tell the open, or a price is zero or below, no return exists there. A bar without trades, and
one that never came, is a return of zero; the price goes on from the bar before.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from brentwatch.core.arrays import Bools, Floats, Integers
from brentwatch.core.intraday.clock import BAR, SLOTS, find_session_start, slot_of
from brentwatch.core.intraday.moves import MOST_QUIET
from brentwatch.core.intraday.session_bars import IntradayBar, SessionBars

ABSENT, TRADED, QUIET, BROKEN = 0, 1, 2, 3
"""Of a slot: not there or not known yet; with its return; a return of zero for want of trades; without."""


class GridColumns(NamedTuple):
    """Bars of one session by column, in order of their slots; an open that is not told is not a number."""

    slots: Integers
    opens: Floats
    closes: Floats
    traded: Bools
    contracts: NDArray[np.str_]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Grid:
    """The 276 slots of a session that trades from slot `opens` to before `closes`.

    Slots before `known` are known. `returns` are log fractions, zero where there is none; `kinds` says what
    each slot is. `prices` is the newest price (USD/bbl) at the end of each slot, not a number before the
    first; `first_price` the open of the first bar, not a number where it is not told; `contracts` the first
    and the last of the session. It is `usable` for others to be measured against if it is over, it moved, and
    no more than a third of it was without trades.
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
        """The slots that have a return, be it for want of trades zero."""
        return np.asarray((self.kinds == TRADED) | (self.kinds == QUIET), dtype=np.bool_)

    @property
    def quiet(self) -> Bools:
        """The slots without trades."""
        return np.asarray(self.kinds == QUIET, dtype=np.bool_)


@lru_cache(maxsize=320)
def lay_out_bars(kept: SessionBars) -> Grid:
    """The session as far as it is known; remembered, since a version of its bars does not change."""
    opens = slot_of(kept.session, kept.hours.opens_at)
    closes = min(slot_of(kept.session, kept.hours.closes_at), SLOTS)
    known = min(max(slot_of(kept.session, kept.through), opens), closes)
    columns = _build_columns(kept.session, kept.bars, known)
    return build_grid(kept.session, (max(opens, 0), closes, known), columns)


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


def _build_columns(session: date, bars: Sequence[IntradayBar], known: int) -> GridColumns:
    begins = find_session_start(session)
    slots = np.array([(bar.opens_at - begins) // BAR for bar in bars], dtype=np.intp)
    kept = bars[: int(np.searchsorted(slots, known))]
    opens = [np.nan if bar.open is None else bar.open for bar in kept]
    closes = np.array([bar.close for bar in kept], dtype=np.float64)
    contracts = np.array([bar.contract for bar in kept], dtype=np.str_)
    counted_none = np.array([bar.volume == 0 for bar in kept], dtype=np.bool_)
    stood = np.zeros(len(kept), dtype=np.bool_)
    stood[1:] = (closes[1:] == closes[:-1]) & (contracts[1:] == contracts[:-1])
    traded = ~(counted_none & stood)  # a volume of zero is no proof: some sources give none where there was
    return GridColumns(slots[: len(kept)], np.array(opens, dtype=np.float64), closes, traded, contracts)


def _compute_returns(columns: GridColumns) -> Floats:
    """Not a number where none exists."""
    base = columns.opens.copy()
    goes_on = columns.contracts[1:] == columns.contracts[:-1]
    base[1:] = np.where(goes_on, columns.closes[:-1], columns.opens[1:])
    exists = (base > 0.0) & (columns.closes > 0.0)
    ratios = np.divide(columns.closes, base, out=np.full(len(base), np.nan), where=exists)
    return np.asarray(np.log(ratios), dtype=np.float64)


def _fill_prices(columns: GridColumns) -> Floats:
    """The close of the newest bar at or before each slot."""
    places = np.searchsorted(columns.slots, np.arange(SLOTS), side="right") - 1
    held = np.append(columns.closes, np.nan)  # place -1: no bar yet
    return np.asarray(held[places], dtype=np.float64)
