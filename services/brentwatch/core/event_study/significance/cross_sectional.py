"""The cross-sectional t: the mean over events against its spread over events (Brown and Warner 1980)."""

import numpy as np

from brentwatch.core.domain import Refused
from brentwatch.core.domain.arrays import Floats
from brentwatch.core.event_study.panel import Panel
from brentwatch.core.event_study.significance.result import Question, TestResult, answer, refuse_unfit

_WITHOUT = "every event has the same value, so there is no spread across events; give events that differ"

_AAR = Question(
    name="csect_t_aar",
    test="cross-sectional",
    title="cross-sectional t",
    null="the mean abnormal return of the session is zero",
    on="aar",
    without=_WITHOUT,
)
_CAAR = Question(
    name="csect_t_caar",
    test="cross-sectional",
    title="cross-sectional t",
    null="the mean cumulative abnormal return is zero",
    on="caar",
    without=_WITHOUT,
)
QUESTIONS = (_AAR, _CAAR)


def aar(panel: Panel) -> TestResult | Refused:
    """sqrt(N) mean(AR) / sd(AR, ddof 1); t with N - 1 degrees of freedom. Two events at least."""
    return refuse_unfit(panel, _AAR.name, fewest=2) or answer_by_mean(_AAR, panel, panel.ar)


def caar(panel: Panel) -> TestResult | Refused:
    """sqrt(N) mean(CAR) / sd(CAR, ddof 1); t with N - 1 degrees of freedom. Two events at least."""
    return refuse_unfit(panel, _CAAR.name, fewest=2) or answer_by_mean(_CAAR, panel, panel.car)


def answer_by_mean(question: Question, panel: Panel, values: Floats) -> TestResult | Refused:
    """The same of any `values` (N, L), one of each event and row; N is 2 or more."""
    events = len(values)
    error = values.std(axis=0, ddof=1) / np.sqrt(events)
    return answer(question, panel, values.mean(axis=0), error, degrees_of_freedom=events - 1.0)
