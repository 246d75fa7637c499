"""Patell's z: standardised abnormal returns, their variance known from the estimation (Patell 1976)."""

import numpy as np

from brentwatch.core.domain import Refused
from brentwatch.core.domain.arrays import Floats
from brentwatch.core.event_study.panel import Panel
from brentwatch.core.event_study.significance.result import Question, TestResult, answer, refuse_unfit

_WITHOUT = "there is no variance of a standardised return; take a longer estimation window"

_AAR = Question(
    name="patell_z_aar",
    test="patell",
    title="Patell",
    null="abnormal returns of the session have mean zero and the variance of the estimation window",
    on="aar",
    without=_WITHOUT,
)
_CAAR = Question(
    name="patell_z_caar",
    test="patell",
    title="Patell",
    null="cumulative abnormal returns have mean zero and the variance of the estimation window",
    on="caar",
    without=_WITHOUT,
)
QUESTIONS = (_AAR, _CAAR)


def aar(panel: Panel) -> TestResult | Refused:
    """sum(SAR) / sqrt(sum(Q)), SAR with its exact variance, prediction error included; normal.

    Q = df / (df - 2) is the variance of Student's t. Events must be independent: see `kolari_pynnonen`.
    """
    return refuse_unfit(panel, _AAR.name, df_above=2.0) or _answer_by_sum(_AAR, panel, panel.sar)


def caar(panel: Panel) -> TestResult | Refused:
    """sum(SCAR) / sqrt(sum(Q)), SCAR = CAR over its exact standard error, no diagonal shortcut; normal."""
    return refuse_unfit(panel, _CAAR.name, df_above=2.0) or _answer_by_sum(_CAAR, panel, panel.scar)


def _answer_by_sum(question: Question, panel: Panel, standardised: Floats) -> TestResult | Refused:
    variance = (panel.df / (panel.df - 2.0)).sum()
    error = np.full(standardised.shape[1], np.sqrt(variance))
    return answer(question, panel, standardised.sum(axis=0), error)
