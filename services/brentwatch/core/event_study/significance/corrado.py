"""The rank test: where the event rows stand among all rows of their event (Corrado 1989).

Ranks hold for any distribution. The cumulative form takes rows as independent though ranks sum to a constant:
its true variance is (T - L) / (T - 1) of the one used, so over 11 of 131 rows its size at 5 % is 0.041.
"""

import numpy as np
from scipy.stats import rankdata

from brentwatch.core.domain import Refused
from brentwatch.core.domain.arrays import Floats
from brentwatch.core.event_study.panel import Panel
from brentwatch.core.event_study.significance.result import Question, TestResult, answer, refuse_unfit

_WITHOUT = "the mean rank over events does not vary from row to row; give other events"

_AAR = Question(
    name="corrado_z",
    test="corrado",
    title="Corrado rank",
    null="the rank of the session's abnormal return, among all rows of its event, is as likely as any other",
    on="aar",
    without=_WITHOUT,
)
_CAAR = Question(
    name="corrado_z_cum",
    test="corrado",
    title="Corrado rank",
    null="the ranks of the sessions so far, among all rows of their event, are as likely as any others",
    on="caar",
    without=_WITHOUT,
)
QUESTIONS = (_AAR, _CAAR)


def aar(panel: Panel) -> TestResult | Refused:
    """Mean U / s; U = K/(T + 1) - 1/2 with K the rank in its event's T rows, s = sqrt(mean of (mean U)^2)."""
    return refuse_unfit(panel, _AAR.name) or _answer_day(panel)


def caar(panel: Panel) -> TestResult | Refused:
    """Mean U, summed over the L rows so far, / (sqrt(L) s); normal."""
    return refuse_unfit(panel, _CAAR.name) or _answer_so_far(panel)


def _answer_day(panel: Panel) -> TestResult | Refused:
    mean = average_ranks(panel)
    rows = panel.ar.shape[1]
    return answer(_AAR, panel, mean[-rows:], np.full(rows, _scale(mean)))


def _answer_so_far(panel: Panel) -> TestResult | Refused:
    mean = average_ranks(panel)
    rows = panel.ar.shape[1]
    lengths = np.arange(1.0, rows + 1.0)
    return answer(_CAAR, panel, np.cumsum(mean[-rows:]), np.sqrt(lengths) * _scale(mean))


def average_ranks(panel: Panel) -> Floats:
    """(T,): U of each row, its mean over events; estimation rows first. Equal values share a mean rank."""
    ranks = rankdata(np.hstack([panel.residuals, panel.alike]), axis=1)
    total = ranks.shape[1] + 1.0
    mean: Floats = (2.0 * ranks - total).sum(axis=0) / (2.0 * total * len(ranks))
    return mean


def _scale(mean: Floats) -> float:
    return float(np.sqrt((mean**2).mean()))
