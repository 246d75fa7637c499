"""An alert within the session in words: the window of bars that was tested, and what comes after it."""

from collections.abc import Iterator

from brentwatch.core import domain
from brentwatch.core.domain import own_calibration
from brentwatch.core.intraday import minutes
from brentwatch.core.intraday.openings import MOST_TESTS
from brentwatch.message import figures
from brentwatch.message.details import CAUTION, convert_to_dollars, describe_flags
from brentwatch.message.event_lines import write_confounder_line, write_event_lines
from brentwatch.message.findings import describe_power, describe_test
from brentwatch.message.foreign import clean

_BAR = 5


def write_intraday_lines(alert: domain.Alert, within: domain.Within) -> list[str]:
    """The details of the test, none empty."""
    return [
        *write_event_lines(alert, within=True),
        _describe_window(within),
        _describe_move(alert),
        f"At that hour and the alert level {figures.format_level(alert.level)} "
        f"{describe_power(alert.headline.mde_alert)}",
        *([] if within.answered is None else _list_untested_moves(within.answered)),
        *(f"{format_minutes(each)}: {_format_estimate(each)}" for each in alert.windows),
        *(write_confounder_line(each) for each in alert.confounders),
        CAUTION,
        _describe_data(alert, within),
    ]


def format_minutes(found: domain.Found) -> str:
    """How long a window of bars lasts: "15 minutes"."""
    return f"{found.planned * _BAR} minutes"


def write_study_lines(study: domain.Study) -> Iterator[str]:
    """The answer of a study within the session in a sentence; nothing before there is one."""
    within = study.within
    if within is None:
        return
    name = f"{within.minutes} minutes from {figures.format_utc(within.begins_at)}"
    match study.result:
        case domain.Found() as found if within.test is None:
            yield (
                f"{name}: no test, the two of the session are taken: "
                f"{figures.format_estimate(found, format_p)}"
            )
        case domain.Found() as found:
            yield f"{name}: {describe_test(found, minutes.LEVEL, format_p)}"
        case domain.Refused(reason=reason):
            yield f"{name}: no answer: {clean(reason)}"
        case domain.NotYet():
            return
    if within.answered is not None and within.answered.gap is not None:
        yield _describe_gap(within.answered.gap)


def describe_opening(study: domain.Study, within: domain.Within) -> str:
    """What an event led to within its session, before there is an answer."""
    begins = f"from {figures.format_utc(within.begins_at)}"
    if within.test is None:
        return f"no test of the session is left: a study {begins}, which opens no alert"
    verb = "opens" if study.revision == 1 else "joins"
    return f"{verb} test {within.test} of at most {MOST_TESTS} within the session, {begins}"


def format_p(p: float) -> str:
    """A p as of every test, and "p < 0.0005" below that: the tail is not known better."""
    return figures.format_p_value(p, minutes.SMALLEST_TOLD)


def _describe_window(within: domain.Within) -> str:
    test = (
        "a study without a test"
        if within.test is None
        else f"test {within.test} of at most {MOST_TESTS} a session"
    )
    through = (
        ""
        if within.answered is None
        else f" · data through {figures.format_time(within.answered.data_through)} UTC"
    )
    window = f"{figures.format_time(within.begins_at)} to {figures.format_time(within.ends_at)} UTC"
    return (
        f"News known {figures.format_utc(within.news_at)} · window {window}, the first whole bars after it · "
        f"{test}{through}"
    )


def _describe_move(alert: domain.Alert) -> str:
    found = alert.headline
    usual = f"{abs(found.statistic):.1f} times the usual move at that hour"
    return (
        f"Abnormal move {figures.format_percent(found.car)}{convert_to_dollars(found.car, alert)}, "
        f"{_format_range_and_p(found)} (alert level {figures.format_level(alert.level)}) · {usual}"
    )


def _format_estimate(found: domain.Found) -> str:
    return f"{figures.format_percent(found.car)}, {_format_range_and_p(found)}"


def _format_range_and_p(found: domain.Found) -> str:
    return f"95 % range {figures.format_percent_range(found.low, found.high)}, {format_p(found.p)}"


def _list_untested_moves(answered: domain.Answered) -> Iterator[str]:
    """What the price did that nobody tested."""
    if answered.before is not None:
        length = f"{answered.before_minutes} minutes"
        yield f"Before the window: {figures.format_percent(answered.before)} in {length}, not tested"
    if answered.gap is not None:
        yield _describe_gap(answered.gap)


def _describe_gap(gap: float) -> str:
    return f"Over the break before it: {figures.format_percent(gap)}, tested with the settlement"


def _describe_data(alert: domain.Alert, within: domain.Within) -> str:
    parts = [
        f"Data: {clean(alert.title)} (series {clean(alert.series)}), bars of {_BAR} minutes",
        _describe_calibration(within.answered),
    ]
    if within.answered is not None:
        parts += list(_describe_history(alert, within.answered))
        late = figures.format_duration(within.answered.answered_at - within.ends_at)
        parts.append(f"known {late} after the window ended")
    told = (minutes.SHORT_HISTORY, own_calibration.SIMULATED_ONLY)
    return " · ".join([*parts, *describe_flags(alert, but=told)])


def _describe_calibration(answered: domain.Answered | None) -> str:
    """What the test was calibrated on, and what that found; of bars of one's own how often it was wrong."""
    own = None if answered is None else answered.own_calibration
    if own is None:
        return domain.ON_SIMULATED_BARS
    found = f"{own}: {', '.join(_format_error_rates(each) for each in own.sizes)}"
    promise = f", at most {domain.OFTEN:.3f} and {domain.OFTEN_AT_LEVEL:.4f} were promised"
    return found + (promise if own.verdict is domain.Verdict.TOO_OFTEN else "")


def _format_error_rates(sizes: domain.WindowSizes) -> str:
    level = figures.format_level(minutes.LEVEL)
    return f"{sizes.minutes} minutes {sizes.size_01:.3f} false at 0.01, {sizes.size_001:.4f} at {level}"


def _describe_history(alert: domain.Alert, answered: domain.Answered) -> Iterator[str]:
    short = (
        f": starts at {minutes.FEWEST_SESSIONS}, flagged below {minutes.ENOUGH_SESSIONS}"
        if minutes.SHORT_HISTORY in alert.flags
        else ""
    )
    yield f"{figures.format_count(answered.sessions, 'session')} of bars behind it{short}"
    if answered.quiet:
        yield f"{figures.format_count(answered.quiet, 'bar')} without trades"
