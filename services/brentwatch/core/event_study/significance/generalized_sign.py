"""The generalized sign test: more rises than the estimation window has? (Cowan 1992)."""

import numpy as np

from brentwatch.core.domain import Refused
from brentwatch.core.domain.arrays import Floats
from brentwatch.core.event_study.panel import Panel
from brentwatch.core.event_study.significance.result import Question, TestResult, answer, refuse_unfit

_WITHOUT = "all residuals of the estimation window have one sign; give other events"

_AAR = Question(
    name="gsign_z",
    test="sign",
    title="generalised sign",
    null="abnormal returns of the session are above zero as often as residuals of the estimation window",
    on="aar",
    without=_WITHOUT,
)
_CAAR = Question(
    name="gsign_z_cum",
    test="sign",
    title="generalised sign",
    null="cumulative abnormal returns are above zero as often as residuals of the estimation window",
    on="caar",
    without=_WITHOUT,
)
QUESTIONS = (_AAR, _CAAR)


def aar(panel: Panel) -> TestResult | Refused:
    """(w - N p) / sqrt(N p (1 - p)); w events of N have AR above zero, p of all residuals are; normal."""
    return refuse_unfit(panel, _AAR.name) or _answer_by_signs(_AAR, panel, panel.ar)


def caar(panel: Panel) -> TestResult | Refused:
    """The same with w the events whose CAR is above zero."""
    return refuse_unfit(panel, _CAAR.name) or _answer_by_signs(_CAAR, panel, panel.car)


def _answer_by_signs(question: Question, panel: Panel, values: Floats) -> TestResult | Refused:
    events, rows = values.shape
    share = (panel.residuals > 0.0).mean()
    excess = (values > 0.0).sum(axis=0) - events * share
    return answer(question, panel, excess, np.full(rows, np.sqrt(events * share * (1.0 - share))))
