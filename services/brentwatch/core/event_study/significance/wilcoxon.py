"""Wilcoxon's signed ranks: rises as large as falls? (Wilcoxon 1945; as `scipy.stats.wilcoxon` has it)."""

import numpy as np
from scipy import stats

from brentwatch.core.domain import Refused
from brentwatch.core.domain.arrays import Floats
from brentwatch.core.event_study.panel import Panel
from brentwatch.core.event_study.significance.result import Question, TestResult, build_result, refuse_unfit

_WITHOUT = "every event has zero, so there is no sign to rank; give other events"

_AAR = Question(
    name="wilcoxon_p_aar",
    test="wilcoxon",
    title="Wilcoxon signed rank",
    null="abnormal returns of the session are spread evenly about zero",
    on="aar",
    without=_WITHOUT,
)
_CAAR = Question(
    name="wilcoxon_p_caar",
    test="wilcoxon",
    title="Wilcoxon signed rank",
    null="cumulative abnormal returns are spread evenly about zero",
    on="caar",
    without=_WITHOUT,
)
QUESTIONS = (_AAR, _CAAR)


def aar(panel: Panel) -> TestResult | Refused:
    """The smaller sum of the ranks of |AR| by sign; two-sided p, exact up to 50 events without ties."""
    return refuse_unfit(panel, _AAR.name) or _answer_by_ranks(_AAR, panel, panel.ar)


def caar(panel: Panel) -> TestResult | Refused:
    """The same of |CAR|."""
    return refuse_unfit(panel, _CAAR.name) or _answer_by_ranks(_CAAR, panel, panel.car)


def _answer_by_ranks(question: Question, panel: Panel, values: Floats) -> TestResult | Refused:
    exists = (values != 0.0).any(axis=0)
    # Row by row: SciPy chooses one method for all columns, and a tie in one row would change p in another.
    found = [
        stats.wilcoxon(column, alternative="two-sided") if some else (0.0, 1.0)
        for column, some in zip(values.T, exists, strict=True)
    ]
    statistic, p = np.array([tuple(each) for each in found]).T
    return build_result(question, panel, statistic, p, exists)
