"""A heads-up in words: news without a price test yet; never a direction, never a severity."""

from collections.abc import Iterator

from brentwatch.core.domain import Alert, HeadsUpRecord, Stage
from brentwatch.core.intraday.minutes import BUDGET
from brentwatch.message import figures, outcomes
from brentwatch.message.certainty import format_yearly
from brentwatch.message.findings import describe_power
from brentwatch.message.foreign import clean, cut_text

NO_TEST_YET = "no price test yet"

_ROOM_FOR_A_TITLE = 24


def describe_no_test(alert: Alert) -> str:
    """That no price was tested, and when trade re-opens; or the move that was not tested, and why."""
    untested = [outcomes.write_untested_line(each, alert) for each in alert.untested]
    return " ".join([*untested[:1], _describe_state(alert), *([] if untested else _list_re_open(alert))])


def _describe_state(alert: Alert) -> str:
    if any(each.stage is not Stage.FINAL for each in alert.upcoming):
        return "No price test yet."
    if alert.untested:
        return "No price test was possible."
    return "No price test yet." if alert.severity is None else "No price test is possible now."


def _list_re_open(alert: Alert) -> Iterator[str]:
    """When trade re-opens, and the gap that its test finds; or that it is open, if windows within it follow.

    Nothing for an instrument without bars, and for news without a time of day.
    """
    told = alert.heads_up
    if told is None:
        return
    title = cut_text(clean(alert.title), _ROOM_FOR_A_TITLE)
    if told.reopens_at is None:
        if any(each.stage is Stage.WITHIN for each in alert.upcoming):
            yield f"Trade in {title} is open."
        return
    opens = f"Trade in {title} re-opens {figures.format_utc(told.reopens_at)}"
    power = "" if told.detectable is None else f"; the re-open test finds {_describe_gap(told.detectable)}"
    yield f"{opens}{power}."


def _describe_gap(detectable: float) -> str:
    return describe_power(detectable, "gap").removeprefix("the test finds ")


def describe_record(alert: Alert) -> str:
    """How many heads-ups so far became abnormal, and the share of all sessions that are."""
    record = None if alert.heads_up is None else alert.heads_up.record
    return "Heads-ups have no record yet." if record is None else _describe_counts(record)


def _describe_counts(record: HeadsUpRecord) -> str:
    was = "was" if record.abnormal == 1 else "were"
    share = f"{record.abnormal:,} of {figures.format_count(record.count, 'heads-up')}"
    return (
        f"{share} since {record.first.year} {was} "
        f"followed by an abnormal session, against {100.0 * record.placebo:.1f} % of all sessions."
    )


def write_heads_up_lines(alert: Alert) -> Iterator[str]:
    """The details of the heads-up that opened a thread; nothing if none did."""
    if alert.heads_up is None:
        return
    known = f"Heads-up on news known {figures.format_utc(alert.heads_up.known_at, year=True)}"
    if alert.tests or alert.untested:
        yield f"{known}, before any price test"
    else:
        yield " ".join([f"{known}.", *_list_re_open(alert)]).removesuffix(".")
    if alert.heads_up.record is not None:
        yield describe_record(alert).removesuffix(".")
    if any(each.stage.is_of_bars for each in alert.upcoming):
        yield f"Tests within the session and at the re-open: at most {format_yearly(BUDGET)}"
