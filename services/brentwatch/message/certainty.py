"""How sure a test is: how rare such a move is, what the test would find, how often it is wrong."""

from brentwatch.core.domain import ON_SIMULATED_BARS, USUAL_LEVEL, Alert, AlertTest, Stage, Verdict
from brentwatch.core.domain.alerts import CRITICAL_SHARE
from brentwatch.core.intraday.minutes import BUDGET, SESSIONS_A_YEAR
from brentwatch.message import outcomes
from brentwatch.message.figures import format_frequency
from brentwatch.message.findings import describe_power

GAVE_BACK = "A third of such weekend gaps gave back more than half by the settlement"
"""What followed alerts, measured on public daily prices of crude."""

_MEASURED_AT = 0.01
"""The level at which calibrations count false alarms."""

_SHORT_VERDICTS = {Verdict.CAUTIOUS: "found wrong less often than that on own bars"}


def describe_rarity(test: AlertTest) -> str:
    """How many normal sessions, or windows within them, move as much: 1 / p, to two digits."""
    if test.stage is Stage.REOPEN:
        return f"{outcomes.describe_usual_gap(test)}; {outcomes.describe_chance(test)}"
    smallest = outcomes.find_smallest_p(test.stage)
    what = "normal window" if test.stage is Stage.WITHIN else "normal session"
    word = _choose_word(test)
    if test.p < smallest:
        return f"{word}: fewer than 1 {what} in {format_frequency(smallest)} moves this much"
    return f"{word}: about 1 {what} in {format_frequency(test.p)} moves this much"


def _choose_word(test: AlertTest) -> str:
    """A provisional answer is never louder than the settlement may be."""
    is_very = test.p <= CRITICAL_SHARE * test.level and test.stage is not Stage.PROVISIONAL
    return "Very rare" if is_very else "Rare"


def describe_calm(test: AlertTest) -> str:
    """That a move is not abnormal, and that a gap is usual for its break."""
    if test.stage is Stage.REOPEN and test.p > USUAL_LEVEL:
        return f"Not abnormal: {outcomes.describe_usual(test)}"
    return "Not abnormal"


def describe_detectable(test: AlertTest) -> str:
    """The move that this test would have found four times in five."""
    return describe_power(test.mde_alert, "gap" if test.stage is Stage.REOPEN else "rise")


def describe_false_alarms(alert: Alert, test: AlertTest) -> str:
    """How many false alarms a year such tests bring, and how that is known."""
    if test.stage.is_of_bars:
        yearly = f"At most {format_yearly(BUDGET)} from such tests"
        return yearly if test.stage is Stage.REOPEN else f"{yearly}, {_describe_own_bars(test)}"
    if alert.calibration is None:
        return f"About {format_yearly(test.level)} at this level, not measured on this series"
    if test.level == _MEASURED_AT:
        return f"About {format_yearly(alert.calibration.size_01)} at this level, as measured"
    return f"About {format_yearly(test.level)} at this level"


def _describe_own_bars(test: AlertTest) -> str:
    own = None if test.answered is None else test.answered.own_calibration
    return ON_SIMULATED_BARS if own is None else _SHORT_VERDICTS.get(own.verdict, own.verdict)


def format_yearly(level: float) -> str:
    """How many false alarms a year a level brings: "2.5 false alarms a year"."""
    alarms = SESSIONS_A_YEAR * level
    return f"{alarms:.1f} false alarms a year" if alarms >= 0.1 else "0.1 false alarms a year or fewer"
