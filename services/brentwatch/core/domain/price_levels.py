"""Whether people may see price levels: an exchange may not license levels that are younger than 24 hours.

Rules. A percentage may be shown, a level may not. A change in USD/bbl is left out too: with the percentage it
would give the level. Estimates and ranges are log fractions and reveal no level.
"""

from dataclasses import replace
from enum import StrEnum

from brentwatch.core.domain.alerts import Alert
from brentwatch.core.domain.study import Move

DERIVED_ONLY = "derived_only"
"""The flag of an alert whose price levels may not be shown."""

REBASED_CLOSE = 100.0
"""The previous close of a rebased move."""


class PriceLevels(StrEnum):
    """What people may see of prices: levels, or only percentages derived from them."""

    SHOWN = "shown"
    DERIVED_ONLY = "derived-only"


def list_level_flags(levels: PriceLevels) -> tuple[str, ...]:
    """The flags of an alert that say what may be shown of its prices."""
    return (DERIVED_ONLY,) if levels is PriceLevels.DERIVED_ONLY else ()


def is_derived_only(alert: Alert) -> bool:
    """True if no price level of the alert, and no change in USD/bbl, may be shown."""
    return DERIVED_ONLY in alert.flags


def rebase_prices(alert: Alert) -> Alert:
    """The alert without price levels, for readers who may not see them: the previous close is 100.

    If a price is zero or below there is no percentage, and the close is 100 too. Percentages stay the same,
    and the alert gets the flag `DERIVED_ONLY`. `text` is not part of an alert: write it again.
    """
    flags = alert.flags if DERIVED_ONLY in alert.flags else (*alert.flags, DERIVED_ONLY)
    return replace(
        alert,
        flags=flags,
        tests=tuple(replace(each, move=_rebase_move(each.move)) for each in alert.tests),
        untested=tuple(replace(each, move=each.move and _rebase_move(each.move)) for each in alert.untested),
    )


def _rebase_move(move: Move) -> Move:
    share = 1.0 if move.log_return is None else move.close / move.previous_close
    return replace(move, previous_close=REBASED_CLOSE, close=REBASED_CLOSE * share)
