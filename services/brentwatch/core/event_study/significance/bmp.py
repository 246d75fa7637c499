"""The standardised cross-sectional t: it bears a variance that rises with the event.

Boehmer, Musumeci and Poulsen (1991).
"""

from brentwatch.core.domain import Refused
from brentwatch.core.event_study.panel import Panel
from brentwatch.core.event_study.significance.cross_sectional import answer_by_mean
from brentwatch.core.event_study.significance.result import Question, TestResult, refuse_unfit

_WITHOUT = "every event has the same standardised value, so there is no spread; give events that differ"

_AAR = Question(
    name="bmp_t_aar",
    test="bmp",
    title="Boehmer, Musumeci and Poulsen",
    null="standardised abnormal returns of the session have mean zero, whatever their variance",
    on="aar",
    without=_WITHOUT,
)
_CAAR = Question(
    name="bmp_t_caar",
    test="bmp",
    title="Boehmer, Musumeci and Poulsen",
    null="standardised cumulative abnormal returns have mean zero, whatever their variance",
    on="caar",
    without=_WITHOUT,
)
QUESTIONS = (_AAR, _CAAR)


def aar(panel: Panel) -> TestResult | Refused:
    """sqrt(N) mean(SAR) / sd(SAR, ddof 1); t with N - 1 degrees of freedom. Two events at least.

    Events must be independent: see `kolari_pynnonen`.
    """
    return refuse_unfit(panel, _AAR.name, fewest=2) or answer_by_mean(_AAR, panel, panel.sar)


def caar(panel: Panel) -> TestResult | Refused:
    """sqrt(N) mean(SCAR) / sd(SCAR, ddof 1), SCAR with its exact variance; t with N - 1."""
    return refuse_unfit(panel, _CAAR.name, fewest=2) or answer_by_mean(_CAAR, panel, panel.scar)
