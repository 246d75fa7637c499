"""Whether a panel holds what a test needs, asked before anything is divided."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from brentwatch.core.domain.study import Refused

if TYPE_CHECKING:
    from brentwatch.core.event_study.panel import Panel


def refuse_unfit(panel: Panel, name: str, *, fewest: int = 1, df_above: float = 0.0) -> Refused | None:
    """Why the test of that name cannot read the panel; None if it can.

    It wants `fewest` events, finite rows, a variance in every event, and degrees of freedom above `df_above`.
    """
    events = len(panel.ar)
    if events < fewest:
        return Refused(f"{name} was asked of {events} event, {fewest} or more wanted: give more events")
    if not all(np.isfinite(rows).all() for rows in (panel.residuals, panel.ar, panel.sigma)):
        return Refused(f"{name}: a row is not a finite number; leave that event out")
    if not (panel.sigma > 0.0).all():
        return Refused(
            f"{name}: an event has no residual variance; a price that moves was wanted; leave that event out"
        )
    if not (panel.df > df_above).all():
        return Refused(
            f"{name}: an event has {panel.df.min():g} degrees of freedom; more than {df_above:g} were "
            "wanted; take a longer estimation window"
        )
    return None
