"""Tests of bars in words, in an alert and in a study: windows within the session, and gaps over a break."""

from collections.abc import Iterator

from brentwatch.core import domain
from brentwatch.core.domain import Alert, AlertTest, BreakKind, Stage
from brentwatch.core.intraday import minutes
from brentwatch.message import certainty, figures, outcomes
from brentwatch.message.details import describe_detectable_move, describe_estimate, describe_flags
from brentwatch.message.figures import format_whole_move
from brentwatch.message.findings import describe_test, format_bar_p
from brentwatch.message.foreign import clean

_BAR = 5

_SIZES = {
    BreakKind.NIGHT: "In the past this test gave 14 alarms in 19,242 nights (19 expected by chance)",
    BreakKind.WEEKEND: "In the past this test gave about one alarm in 190 weekends of crude, each after a "
    "real shock",
    BreakKind.LONG: "How often this test is wrong after long breaks has not been measured",
}
"""How often the test of a gap is wrong, by its kind of break, on public daily prices of 2000 to 2026."""


def write_bar_lines(alert: Alert, test: AlertTest) -> Iterator[str]:
    """The details of one test of bars; no line is empty."""
    if test.stage is Stage.REOPEN:
        yield from _write_gap_lines(alert, test)
    else:
        yield from _write_window_lines(alert, test)


def _write_gap_lines(alert: Alert, test: AlertTest) -> Iterator[str]:
    moved = f"{outcomes.describe_gap_span(test)}: {format_whole_move(test.move, alert)}"
    moved += f" {outcomes.describe_last_trade(test)}"
    p = outcomes.format_test_p(test)
    if not test.is_abnormal:
        yield f"{moved}. {certainty.describe_calm(test)} ({p}); {certainty.describe_detectable(test)}"
        return
    yield f"{moved}. {outcomes.describe_usual_gap(test)}; {outcomes.describe_chance(test)} ({p})"
    yield describe_estimate(alert, test)
    yield describe_detectable_move(test)
    if test != next(each for each in alert.tests if each.stage is Stage.REOPEN and each.is_abnormal):
        return  # what holds for both windows is written once
    if test.break_kind is BreakKind.WEEKEND and alert.find_test(Stage.SETTLEMENT) is None:
        yield certainty.GAVE_BACK
    yield _SIZES[test.break_kind or BreakKind.LONG]


def _write_window_lines(alert: Alert, test: AlertTest) -> Iterator[str]:
    """A longer window from the same first bar has one line, because the lines above hold for it too."""
    same = [each for each in alert.tests if each.window.begins_at == test.window.begins_at]
    if test != same[0]:
        yield _describe_move(alert, test, f"{test.window.minutes} minutes: ")
        return
    yield _describe_window(test)
    yield _describe_move(alert, test)
    level = figures.format_level(test.level)
    yield f"At that hour and the alert level {level} {certainty.describe_detectable(test)}"
    answered = test.answered
    if answered is not None and answered.before is not None:
        length = f"{answered.before_minutes} minutes"
        yield f"Before the window: {figures.format_percent(answered.before)} in {length}, not tested"
    if outcomes.has_gap_before(test):
        yield f"The window came {outcomes.describe_gap_before(test, alert)}"


def _describe_window(test: AlertTest) -> str:
    span = test.window
    news = "" if span.news_at is None else f"News known {figures.format_utc(span.news_at)} · "
    number = "" if span.number is None else f" · test {span.number} of at most {minutes.MOST_TESTS} a session"
    through = (
        ""
        if test.answered is None
        else f" · data through {figures.format_time(test.answered.data_through)} UTC"
    )
    times = f"{figures.format_time(span.begins_at)} to {figures.format_time(span.ends_at)} UTC"
    return f"{news}window {times}, the first whole bars after it{number}{through}"


def _describe_move(alert: Alert, test: AlertTest, name: str = "") -> str:
    told = describe_estimate(alert, test)
    if name:
        told = f"{told[:1].lower()}{told[1:]}"
    usual = (
        f" · {abs(test.estimate) / test.usual:.1f} times the usual move at that hour" if test.usual else ""
    )
    return f"{name}{told}{usual}"


def write_bar_data_line(alert: Alert, test: AlertTest) -> str:
    """What the tests of bars are based on; `test` is the one that leads them."""
    parts = [
        f"Data: {clean(alert.title)} (series {clean(alert.series)}), {_BAR}-minute bars",
        *([_describe_calibration(test.answered)] if test.stage is Stage.WITHIN else []),
        *_describe_history(alert, test),
    ]
    if test.answered is not None:
        late = figures.format_duration(test.answered.answered_at - test.window.ends_at)
        what = "bar" if test.stage is Stage.REOPEN else "window"
        parts.append(f"known {late} after the {what} ended")
    told = (minutes.SHORT_HISTORY, domain.SIMULATED_ONLY)
    return " · ".join([*parts, *describe_flags(alert, but=told)])


def _describe_calibration(answered: domain.Answered | None) -> str:
    """What the test was calibrated on, and the result; on own bars how often it was wrong."""
    own = None if answered is None else answered.own_calibration
    if own is None:
        return domain.ON_SIMULATED_BARS
    found = f"{own}: {', '.join(_format_error_rates(each) for each in own.sizes)}"
    promise = f"; at most {domain.OFTEN:.3f} and {domain.OFTEN_AT_LEVEL:.4f} are promised"
    return found + (promise if own.verdict is domain.Verdict.TOO_OFTEN else "")


def _format_error_rates(sizes: domain.WindowSizes) -> str:
    level = figures.format_level(minutes.LEVEL)
    return f"{sizes.minutes} minutes {sizes.size_01:.3f} false at 0.01, {sizes.size_001:.4f} at {level}"


def _describe_history(alert: Alert, test: AlertTest) -> Iterator[str]:
    if test.stage is Stage.REOPEN:
        yield f"based on {figures.format_count(test.sessions, outcomes.name_break(test))}"
        return
    short = (
        f" (at least {minutes.FEWEST_SESSIONS} needed, flagged below {minutes.ENOUGH_SESSIONS})"
        if minutes.SHORT_HISTORY in alert.flags
        else ""
    )
    yield f"based on {figures.format_count(test.sessions, 'session')} of bars{short}"
    if test.quiet:
        yield f"{figures.format_count(test.quiet, 'bar')} without trades"


def write_study_lines(study: domain.Study) -> Iterator[str]:
    """The answer of a study of bars in a sentence; nothing before there is one, or of a session."""
    match study:
        case domain.WindowStudy(within=within):
            name = f"{within.minutes} minutes from {figures.format_utc(within.begins_at)}"
            yield from _write_answer(study, name, is_test=within.test is not None, gap=_find_gap(study))
        case domain.ReopenStudy(reopen=reopen):
            yield from _write_answer(study, _name_gap(reopen), is_test=reopen.test is not None)
        case domain.ProvisionalStudy(result=domain.Found() as found):
            yield (
                f"provisional session, from the last bar before the settlement: "
                f"{figures.format_estimate(found)}; the settlement follows"
            )
        case domain.ProvisionalStudy(result=domain.Refused(reason=reason)):
            yield f"provisional session: no answer: {clean(reason)}; the settlement follows"
        case _:
            return


def _write_answer(
    study: domain.WindowStudy | domain.ReopenStudy, name: str, *, is_test: bool, gap: str = ""
) -> Iterator[str]:
    match study.result:
        case domain.MoveFound() as found if not is_test:
            yield f"{name}: no test: {figures.format_estimate(found, format_bar_p)}{gap}"
        case domain.MoveFound() as found:
            yield f"{name}: {_judge(study, found)}{gap}"
        case domain.Refused(reason=reason):
            yield f"{name}: {_describe_refused(study)}{clean(reason)}{gap}"
        case domain.NotYet():
            return


def _judge(study: domain.WindowStudy | domain.ReopenStudy, found: domain.MoveFound) -> str:
    if isinstance(study, domain.WindowStudy) or found.p <= minutes.LEVEL:
        return describe_test(found, minutes.LEVEL, format_bar_p)
    moved = figures.format_percent(found.move)
    if found.p <= domain.USUAL_LEVEL:
        return f"{moved}, not abnormal ({format_bar_p(found.p)})"
    kind = outcomes.BREAK_NAMES[study.reopen.kind]
    return f"{moved}, usual for a {kind} ({format_bar_p(found.p)})"


def _describe_refused(study: domain.WindowStudy | domain.ReopenStudy) -> str:
    move = study.move
    if isinstance(study, domain.WindowStudy) or move is None or move.log_return is None:
        return "no answer: "
    return f"{figures.format_percent(move.log_return)} over the break, not tested: "


def _name_gap(reopen: domain.Reopen) -> str:
    hour = "" if reopen.minutes <= outcomes.FIRST_BAR else f" + {reopen.minutes} min"
    return f"re-open{hour} {figures.format_utc(reopen.ends_at)}"


def _find_gap(study: domain.WindowStudy) -> str:
    """The gap before a window; without it "no abnormal move" would mislead."""
    answered = study.within.answered
    if answered is None or answered.gap is None:
        return ""
    return (
        f"; over the break before it {figures.format_percent(answered.gap)}, which this window does not test"
    )


def describe_opening(study: domain.WindowStudy | domain.ReopenStudy) -> str:
    """The test or study that an event led to within its session, before there is an answer."""
    if isinstance(study, domain.ReopenStudy):
        begins, test = f"at the re-open of {figures.format_utc(study.reopen.reopens_at)}", study.reopen.test
    else:
        begins, test = f"from {figures.format_utc(study.within.begins_at)}", study.within.test
    if test is None:
        return f"opens no test; a study {begins}, which opens no alert"
    verb = "opens" if study.revision == 1 else "joins"
    return f"{verb} test {test} of at most {minutes.MOST_TESTS} within the session, {begins}"
