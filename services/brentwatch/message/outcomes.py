"""The result of each test of a thread in a few words: its name, its move, its p, abnormal or not."""

from brentwatch.core.domain import USUAL_LEVEL, Alert, AlertTest, BreakKind, Stage, Untested
from brentwatch.core.intraday.minutes import SMALLEST_TOLD
from brentwatch.message import figures
from brentwatch.message.alert_state import find_newest_answer
from brentwatch.message.figures import (
    SMALLEST_P,
    format_frequency,
    format_move,
    format_short_percent,
    format_short_size,
    format_weekday_time,
)
from brentwatch.message.foreign import clean, cut_text

FIRST_BAR = 5
"""Minutes of the shorter window of a re-open; the other one takes in the first hour."""

_ROOM_FOR_A_REASON = 80
_SUBJECTS = {
    Stage.WITHIN: "window",
    Stage.PROVISIONAL: "provisional settlement",
    Stage.SETTLEMENT: "settlement",
}

BREAK_NAMES = {BreakKind.NIGHT: "night", BreakKind.WEEKEND: "weekend", BreakKind.LONG: "long break"}


def find_smallest_p(stage: Stage) -> float:
    """The smallest p that is printed of a test of this stage."""
    return SMALLEST_TOLD if stage.is_of_bars else SMALLEST_P


def format_test_p(test: AlertTest) -> str:
    """The p of a test: "p = 0.0028"."""
    return figures.format_p_value(test.p, find_smallest_p(test.stage))


def name_answer(answer: AlertTest | Untested) -> str:
    """What a test is called: "session", "re-open", "15 minutes from 13:45 UTC"."""
    window = answer.window
    match answer.stage:
        case Stage.REOPEN:
            return "re-open" if is_first_bar(answer) else f"re-open + {window.minutes} min"
        case Stage.WITHIN:
            return f"{window.minutes} minutes from {figures.format_time(window.begins_at)} UTC"
        case Stage.PROVISIONAL:
            return "provisional session"
        case _:
            return "session"


def is_first_bar(answer: AlertTest | Untested) -> bool:
    """True for a re-open of which the gap alone is tested, without the first hour."""
    return (answer.window.minutes or 0) <= FIRST_BAR


def describe_outcome(test: AlertTest, alert: Alert) -> str:
    """One test in a clause: "session +1.6 %, not abnormal (p = 0.43)"."""
    moved = f"{name_answer(test)} {format_move(test.move, alert)}"
    if test.is_abnormal:
        return f"{moved}, abnormal ({format_test_p(test)})"
    if test.stage is Stage.REOPEN and test.p > USUAL_LEVEL:
        return f"{moved}, {describe_usual(test)} ({format_test_p(test)})"
    gap = f", {describe_gap_before(test, alert)}" if has_gap_before(test) else ""
    return f"{moved}, not abnormal ({format_test_p(test)}){gap}"


def describe_short_outcome(answer: AlertTest | Untested, alert: Alert) -> str:
    """The same in fewer words: "session +1.6 %, not abnormal"."""
    moved = "" if answer.move is None else f" {format_move(answer.move, alert)}"
    if isinstance(answer, Untested):
        return f"{name_answer(answer)}{moved}, not tested"
    return f"{name_answer(answer)}{moved}, {'abnormal' if answer.is_abnormal else 'not abnormal'}"


def describe_untested(untested: Untested, alert: Alert, room: int = _ROOM_FOR_A_REASON) -> str:
    """A test that was not possible: "+17.4 % over the break, not tested: the contract changed"."""
    reason = cut_text(clean(untested.reason), room)
    if untested.move is None:
        return f"{name_answer(untested)}: not tested: {reason}"
    moved = format_move(untested.move, alert)
    if untested.stage is Stage.REOPEN:
        hour = "" if is_first_bar(untested) else " and the first hour"
        return f"{moved} over the break{hour}, not tested: {reason}"
    return f"{name_answer(untested)} {moved}, not tested: {reason}"


def write_untested_line(untested: Untested, alert: Alert, room: int = _ROOM_FOR_A_REASON) -> str:
    """A test that was not possible, as a sentence: "Re-open Sun 22:05 UTC: +17.4 % over the break, …"."""
    told = describe_untested(untested, alert, room)
    if untested.stage is Stage.REOPEN and untested.move is not None:
        return f"{describe_gap_span(untested)}: {told}."
    return f"{told[:1].upper()}{told[1:]}."


def describe_newest(alert: Alert) -> str:
    """The newest answer as a clause; empty if there is none."""
    answer = find_newest_answer(alert)
    if answer is None:
        return ""
    if isinstance(answer, Untested):
        return describe_untested(answer, alert)
    if answer == alert.lead and answer.is_abnormal:
        subject = _SUBJECTS.get(answer.stage, name_answer(answer))
        return f"the {subject} is abnormal{_describe_agreement(alert, answer)}"
    return describe_outcome(answer, alert) + ("" if answer.is_abnormal else describe_contrast(alert))


def _describe_agreement(alert: Alert, test: AlertTest) -> str:
    """The earlier stage that was abnormal too: ", as the re-open was (p = 0.0009)"."""
    others = [each for each in alert.tests if each.is_abnormal and each.stage is not test.stage]
    if not others:
        return ""
    verb = "were" if others[-1].stage is Stage.WITHIN else "was"
    return f", as the {name_answer(others[-1])} {verb} ({format_test_p(others[-1])})"


def describe_contrast(alert: Alert) -> str:
    """The abnormal test, after one that is not: "; the re-open was abnormal (p = 0.0008)"."""
    lead = alert.lead
    if lead is None or not lead.is_abnormal:
        return ""
    verb = "were" if lead.stage is Stage.WITHIN else "was"
    return f"; the {name_answer(lead)} {verb} abnormal ({format_test_p(lead)})"


def has_gap_before(test: AlertTest) -> bool:
    """True for a window that begins after a break: its result is never shown without the gap."""
    return test.answered is not None and test.answered.gap is not None


def format_gap_before(test: AlertTest) -> str:
    """The gap before a window: "+16.2 %"; empty if it does not begin after a break."""
    if test.answered is None or test.answered.gap is None:
        return ""
    return format_short_percent(test.answered.gap)


def describe_gap_before(test: AlertTest, alert: Alert) -> str:
    """The gap before a window, and its test: "after a gap of +16.2 %, not tested: …"."""
    return f"after a gap of {format_gap_before(test)}, {_judge_gap(alert)}"


def _judge_gap(alert: Alert) -> str:
    both: tuple[AlertTest | Untested, ...] = (*alert.tests, *alert.untested)
    gaps = [each for each in both if each.stage is Stage.REOPEN]
    match min(gaps, key=lambda each: each.window.minutes or 0, default=None):
        case None:
            return "which the settlement tests"
        case Untested(reason=reason):
            return f"not tested: {cut_text(clean(reason), _ROOM_FOR_A_REASON)}"
        case AlertTest() as test if test.is_abnormal:
            return f"abnormal ({format_test_p(test)})"
        case AlertTest() as test if test.p > USUAL_LEVEL:
            return f"{describe_usual(test)} ({format_test_p(test)})"
        case AlertTest() as test:
            return f"not abnormal ({format_test_p(test)})"


def find_calm_session(alert: Alert) -> AlertTest | None:
    """The settlement, or its provisional answer, if it is not abnormal and an earlier test was."""
    test = alert.find_test(Stage.SETTLEMENT) or alert.find_test(Stage.PROVISIONAL)
    return test if test is not None and not test.is_abnormal and alert.is_abnormal else None


def name_break(test: AlertTest) -> str:
    """The kind of break before a gap: "weekend"."""
    return BREAK_NAMES[test.break_kind or BreakKind.LONG]


def describe_usual_gap(test: AlertTest) -> str:
    """What is usual after such a break: "The usual weekend gap is 0.6 % now"."""
    hour = "" if is_first_bar(test) else " with the first hour"
    return f"The usual {name_break(test)} gap{hour} is {format_short_size(test.usual or 0.0)} now"


def describe_usual(test: AlertTest) -> str:
    """That a gap is not rare for its kind of break: "usual for a weekend"."""
    return f"usual for a {name_break(test)}"


def describe_chance(test: AlertTest) -> str:
    """How rare such a gap is: "one this large comes by chance about once in 1,100"."""
    smallest = find_smallest_p(test.stage)
    if test.p < smallest:
        return f"one this large comes by chance less than once in {format_frequency(smallest)}"
    return f"one this large comes by chance about once in {format_frequency(test.p)}"


def describe_gap_span(answer: AlertTest | Untested) -> str:
    """When a gap began and ended: "Re-open Sun 22:05 UTC", "from the last trade (Fri 20:40 UTC)"."""
    name = name_answer(answer)
    return f"{name[:1].upper()}{name[1:]} {format_weekday_time(answer.window.ends_at)}"


def describe_last_trade(answer: AlertTest | Untested) -> str:
    """What a gap is measured from."""
    return f"from the last trade ({format_weekday_time(answer.window.begins_at)})"
