"""The portfolio test with crude dependence adjustment (Brown and Warner 1985).

The mean over events is one series, whose variance is estimated on its own past. So the test allows for events
that move together, if they do so in the estimation window too. Prediction error is left out, as in the paper:
over 11 rows after 120 of a constant mean the size at 5 % is 0.062.
"""

import numpy as np

from brentwatch.core.domain import Refused
from brentwatch.core.domain.arrays import Floats
from brentwatch.core.event_study.panel import Panel
from brentwatch.core.event_study.significance.result import Question, TestResult, answer, refuse_unfit

_WITHOUT = "the mean residual over events does not vary in the estimation window; give other events"

_AAR = Question(
    name="bw85_t_aar",
    test="brown-warner",
    title="Brown and Warner",
    null="the average abnormal return of the session is a draw like those of the estimation window",
    on="aar",
    without=_WITHOUT,
)
_CAAR = Question(
    name="bw85_t_caar",
    test="brown-warner",
    title="Brown and Warner",
    null="the sum of average abnormal returns is one of independent draws like the estimation window's",
    on="caar",
    without=_WITHOUT,
)
QUESTIONS = (_AAR, _CAAR)


def aar(panel: Panel) -> TestResult | Refused:
    """AAR / sd (ddof 1) of the mean residual over the n estimation rows; t with n - 1 degrees of freedom."""
    return refuse_unfit(panel, _AAR.name) or _answer_by_residuals(
        _AAR, panel, panel.alike, np.ones(panel.ar.shape[1])
    )


def caar(panel: Panel) -> TestResult | Refused:
    """CAAR / (sqrt(rows so far) sd); t with n - 1 degrees of freedom."""
    lengths = np.arange(1.0, panel.ar.shape[1] + 1.0)
    return refuse_unfit(panel, _CAAR.name) or _answer_by_residuals(
        _CAAR, panel, np.cumsum(panel.alike, axis=1), lengths
    )


def _answer_by_residuals(
    question: Question, panel: Panel, values: Floats, lengths: Floats
) -> TestResult | Refused:
    estimation = panel.residuals.mean(axis=0)
    if len(estimation) < 2:
        return Refused(f"{question.name}: there is one estimation row; expected two or more; take more")
    error = estimation.std(ddof=1) * np.sqrt(lengths)
    return answer(question, panel, values.mean(axis=0), error, degrees_of_freedom=len(estimation) - 1.0)
