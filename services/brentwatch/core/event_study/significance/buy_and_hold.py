"""What a buyer would have gained over the normal return: BHAR (Barber and Lyon 1997)."""

import numpy as np

from brentwatch.core.domain import Refused
from brentwatch.core.domain.arrays import Floats
from brentwatch.core.event_study.panel import Panel
from brentwatch.core.event_study.significance.cross_sectional import answer_by_mean
from brentwatch.core.event_study.significance.result import Question, TestResult, refuse_unfit

_BHAR = Question(
    name="bhar_t",
    test="bhar",
    title="buy-and-hold t",
    null="the mean buy-and-hold abnormal return is zero",
    on="bhar",
    without="every event has the same value, so there is no spread across events; give events that differ",
)
QUESTIONS = (_BHAR,)


def compare_buy_and_hold(returns: Floats, normal: Floats) -> Floats:
    """(N, L) simple fractions: exp(sum of returns) - exp(sum of normal returns), from the first row on.

    Both (N, L) are log fractions of the event window. exp of a sum of log returns is the product of 1 + R.
    """
    gained: Floats = np.exp(np.cumsum(returns, axis=1)) - np.exp(np.cumsum(normal, axis=1))
    return gained


def relative_wealth(panel: Panel) -> Floats:
    """(N, L) simple fractions: exp(CAR) - 1, BHAR per dollar that the normal return would have left."""
    wealth: Floats = np.expm1(panel.car)
    return wealth


def bhar(panel: Panel) -> TestResult | Refused:
    """sqrt(N) mean / sd (ddof 1) of `relative_wealth`; t with N - 1. Two events at least.

    A gain has no bound and a loss has: over a few sessions this hardly tells, over many it skews t.
    """
    return refuse_unfit(panel, _BHAR.name, fewest=2) or answer_by_mean(_BHAR, panel, relative_wealth(panel))
