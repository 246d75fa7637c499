"""GRANK-T: the whole cumulative return as one more day among the ranks (Kolari and Pynnönen 2011).

Each event has T = n + 1 "days": its n standardised residuals, and its SCAR, which is standardised once more
by its spread over events, so that a variance that rises with the event does not look like a move.
"""

import numpy as np
from scipy.stats import rankdata

from brentwatch.core.domain import Refused
from brentwatch.core.domain.arrays import Floats
from brentwatch.core.event_study.panel import Panel
from brentwatch.core.event_study.significance import result

_CAAR = result.Question(
    name="grank_t_caar",
    test="grank-t",
    title="generalised rank t",
    null="the rank of the cumulative abnormal return among its event's residuals is as likely as any other",
    on="caar",
    without="the events have no spread, or their mean rank does not vary; give events that differ",
)
QUESTIONS = (_CAAR,)


def caar(panel: Panel) -> result.TestResult | Refused:
    """Z sqrt((T - 2) / (T - 1 - Z^2)), Z the mean demeaned rank of the extra day over its scale.

    Demeaned rank U = K/(T + 1) - 1/2; scale = sqrt(mean over the T days of (mean U over events)^2). T with
    T - 2 degrees of freedom. Two events at least.
    """
    return result.refuse_unfit(panel, _CAAR.name, fewest=2) or _answer_by_ranks(panel)


def _answer_by_ranks(panel: Panel) -> result.TestResult | Refused:
    days = panel.residuals.shape[1] + 1.0
    scar = panel.scar
    spread = scar.std(axis=0, ddof=1)
    again = np.divide(scar, spread, out=np.zeros(scar.shape), where=spread > 0.0)
    extra, scale = average_ranks(panel.residuals / panel.sigma[:, None], again)
    z = np.divide(extra, scale, out=np.zeros(len(extra)), where=scale > 0.0)
    left = days - 1.0 - z**2
    exists = (spread > result.ROUNDING * np.abs(scar).max(axis=0)) & (scale > 0.0) & (left > result.ROUNDING)
    t = z * np.sqrt(np.divide(days - 2.0, left, out=np.zeros(len(z)), where=exists))
    return result.build_result(_CAAR, panel, t, result.compute_two_sided_p(t, days - 2.0), exists, days - 2.0)


def average_ranks(residuals: Floats, extras: Floats) -> tuple[Floats, Floats]:
    """(L,) the mean U of the extra day of each row, and (L,) its scale over all T days."""
    events, n = residuals.shape
    ranks, total = rankdata(residuals, axis=1), n + 2.0
    means, scales = np.empty(extras.shape[1]), np.empty(extras.shape[1])
    for row, extra in enumerate(extras.T[:, :, None]):
        # To join an extra day lifts each residual above it by one rank, each equal one by a half.
        lifts = 0.5 * ((residuals > extra) + 1.0 * (residuals >= extra))
        others = (2.0 * (ranks + lifts) - total).sum(axis=0)
        own = (2.0 * (n + 1.0 - lifts.sum(axis=1)) - total).sum()
        means[row], scales[row] = own, np.sqrt((np.append(others, own) ** 2).mean())
    return means / (2.0 * total * events), scales / (2.0 * total * events)
