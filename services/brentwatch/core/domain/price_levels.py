"""Whether people are shown price levels: an exchange may not license them younger than 24 hours.

Rules. A percentage may be shown, a level may not. With both, a change in USD/bbl tells the level, so that is
left out too. Estimates and ranges are log fractions and tell none.
"""

from dataclasses import replace
from enum import StrEnum

from brentwatch.core.domain.alerts import Alert
from brentwatch.core.domain.study import Move

DERIVED_ONLY = "derived_only"
"""The flag of an alert of which no price level may be shown."""

BASE = 100.0
"""What the previous close of a rebased move is."""


class PriceLevels(StrEnum):
    """What people are shown of prices: the levels, or only what is derived from them, percentages."""

    SHOWN = "shown"
    DERIVED_ONLY = "derived-only"


def list_level_flags(levels: PriceLevels) -> tuple[str, ...]:
    """The flags that an alert has because of what may be shown of its prices."""
    return (DERIVED_ONLY,) if levels is PriceLevels.DERIVED_ONLY else ()


def is_derived_only(alert: Alert) -> bool:
    """True where no price level of the alert, and no change in USD/bbl, may be shown."""
    return DERIVED_ONLY in alert.flags


def rebase_prices(alert: Alert) -> Alert:
    """The alert without price levels, for those who may not have them: the previous close is 100.

    Where a price is zero or below there is no percentage: then the close is 100 too. Percentages stay the
    same, and the alert carries the flag `DERIVED_ONLY`. `text` is no part of an alert: make it anew.
    """
    if DERIVED_ONLY in alert.flags:
        return replace(alert, move=_rebase_move(alert.move))
    return replace(alert, move=_rebase_move(alert.move), flags=(*alert.flags, DERIVED_ONLY))


def _rebase_move(move: Move) -> Move:
    share = 1.0 if move.log_return is None else move.close / move.previous_close
    return replace(move, previous_close=BASE, close=BASE * share)
