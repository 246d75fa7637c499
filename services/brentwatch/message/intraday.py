"""An alert within the session in words: the window of bars that was tested, and what comes after it."""

from collections.abc import Iterator
from datetime import datetime

from brentwatch.core import domain
from brentwatch.core.intraday import minutes
from brentwatch.core.intraday.openings import MOST_TESTS
from brentwatch.message import figures
from brentwatch.message.details import CAUTION
from brentwatch.message.event_lines import write_confounder_line, write_event_lines
from brentwatch.message.findings import describe_test
from brentwatch.message.foreign import clean

_BAR = 5


def write_intraday_lines(alert: domain.Alert, within: domain.Within) -> list[str]:
    """The details of the test, none empty."""
    return [
        *write_event_lines(alert, within=True),
        _describe_window(within),
        _describe_move(alert),
        f"Minimum detectable effect at that hour {figures.format_size(alert.headline.mde_alert)} at the "
        "alert level "
        f"{figures.format_level(alert.level)}, with 80 % power",
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
    """A p as of every test, and "p < .0005" below that: the tail is not known better."""
    if p < minutes.SMALLEST_TOLD:
        return f"p < {figures.format_level(minutes.SMALLEST_TOLD)}"
    return f"p {figures.format_level(round(p, 4))}" if p < 0.01 else figures.format_p_value(p)


def _describe_window(within: domain.Within) -> str:
    test = (
        "a study without a test"
        if within.test is None
        else f"test {within.test} of at most {MOST_TESTS} a session"
    )
    through = (
        "" if within.answered is None else f" · data through {_format_time(within.answered.data_through)}"
    )
    window = f"{_format_time(within.begins_at)} to {_format_time(within.ends_at)}"
    return (
        f"News known {figures.format_utc(within.news_at)} · window {window}, the first whole bars after it · "
        f"{test}{through}"
    )


def _describe_move(alert: domain.Alert) -> str:
    move = alert.move
    prices = f"{figures.format_price(move.previous_close)} to {figures.format_price(move.close)} USD/bbl"
    usual = f"{abs(alert.headline.statistic):.1f} times the usual move at that hour"
    return (
        f"Move {_format_estimate(alert.headline)} (alert level {figures.format_level(alert.level)}) · "
        f"{prices} · "
        f"{usual}"
    )


def _format_estimate(found: domain.Found) -> str:
    interval = f"95 % range {figures.format_percent_range(found.low, found.high)}"
    return f"{figures.format_percent(found.car)}, {interval}, {format_p(found.p)}"


def _list_untested_moves(answered: domain.Answered) -> Iterator[str]:
    """What the price did that nobody tested."""
    if answered.before is not None:
        length = f"{answered.before_minutes} minutes"
        yield f"Before the window: {figures.format_percent(answered.before)} in {length}, not tested"
    if answered.gap is not None:
        yield _describe_gap(answered.gap)


def _describe_gap(gap: float) -> str:
    return f"Over the break before it: {figures.format_percent(gap)}, not tested here: it is the settlement's"


def _describe_data(alert: domain.Alert, within: domain.Within) -> str:
    parts = [
        f"Data: {clean(alert.title)} (series {clean(alert.series)}), bars of {_BAR} minutes",
        _describe_calibration(within.answered),
    ]
    if within.answered is not None:
        parts += list(_describe_history(alert, within.answered))
        late = (within.answered.answered_at - within.ends_at).total_seconds() / 60.0
        parts.append(f"known {late:.0f} minutes after the window ended")
    return " · ".join(parts)


def _describe_calibration(answered: domain.Answered | None) -> str:
    """What the test was calibrated on, and what that found; of bars of one's own how often it was wrong."""
    own = None if answered is None else answered.own_calibration
    if own is None:
        return domain.ON_SIMULATED_BARS
    found = f"{own}: {', '.join(_format_error_rates(each) for each in own.sizes)}"
    promise = (
        f", at most {figures.format_fraction(domain.OFTEN, 3)} and "
        f"{figures.format_fraction(domain.OFTEN_AT_LEVEL, 4)} were promised"
    )
    return found + (promise if own.verdict is domain.Verdict.TOO_OFTEN else "")


def _format_error_rates(sizes: domain.WindowSizes) -> str:
    at, at_level = figures.format_fraction(sizes.size_01, 3), figures.format_fraction(sizes.size_001, 4)
    return f"{sizes.minutes} minutes {at} false at .01, {at_level} at {figures.format_level(minutes.LEVEL)}"


def _describe_history(alert: domain.Alert, answered: domain.Answered) -> Iterator[str]:
    short = (
        f": starts at {minutes.FEWEST_SESSIONS}, flagged below {minutes.ENOUGH_SESSIONS}"
        if minutes.SHORT_HISTORY in alert.flags
        else ""
    )
    yield f"{figures.format_count(answered.sessions, 'session')} of bars behind it{short}"
    if answered.quiet:
        yield f"{figures.format_count(answered.quiet, 'bar')} without trades"


def _format_time(instant: datetime) -> str:
    return figures.format_utc(instant)[-9:]
