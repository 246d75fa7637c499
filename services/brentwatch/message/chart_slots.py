"""What the picture of an alert shows, in numbers: each test that was made, and those that are to come."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from brentwatch.core.domain import DAILY_ALERT_LEVEL, HEADLINE, WINDOWS, Alert, AlertTest, Found, Stage
from brentwatch.core.intraday.minutes import HOUR, QUARTER
from brentwatch.message import figures, outcomes
from brentwatch.message.alert_state import is_complete, is_withdrawn
from brentwatch.message.chart_marks import MoveMark, choose_mark
from brentwatch.message.figures import spell_number
from brentwatch.message.findings import select_reactions


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnTest:
    """A move with its 95 % range and the normal range, log fractions, and whether it is abnormal."""

    move: float
    low: float
    high: float
    normal_low: float
    normal_high: float
    is_abnormal: bool

    @property
    def mark(self) -> MoveMark:
        """How it is drawn."""
        return choose_mark(self.move, self.normal_low, self.normal_high, is_abnormal=self.is_abnormal)


@dataclass(frozen=True, slots=True)
class Slot:
    """A place in the picture: its name, and its test, None if that is still to come."""

    name: str
    drawn: DrawnTest | None


def list_slots(alert: Alert) -> list[Slot]:
    """The re-open, the windows within the session, the session, and two and six sessions, in this order.

    A window that was not tested and is not to come is left out.
    """
    coming = {each.stage for each in alert.upcoming}
    slots = [
        *_list_bar_slots(alert, Stage.REOPEN, (outcomes.FIRST_BAR, HOUR.minutes)),
        *_list_bar_slots(alert, Stage.WITHIN, (QUARTER.minutes, HOUR.minutes)),
        *_list_session_slots(alert, is_coming=bool(coming & {Stage.PROVISIONAL, Stage.SETTLEMENT})),
    ]
    return [*slots, *_list_further_slots(alert, is_coming=Stage.FINAL in coming)]


def _list_bar_slots(alert: Alert, stage: Stage, lengths: Iterable[int]) -> Iterator[Slot]:
    is_coming = any(each.stage is stage for each in alert.upcoming)
    for minutes in lengths:
        tests = [each for each in alert.tests if each.stage is stage and each.window.minutes == minutes]
        if tests:
            yield Slot(_name_bars(stage, minutes), _draw_test(_choose_test(alert, tests)))
        elif is_coming:
            yield Slot(_name_bars(stage, minutes), None)


def _name_bars(stage: Stage, minutes: int) -> str:
    if stage is Stage.WITHIN:
        return f"{minutes} minutes"
    return "re-open" if minutes <= outcomes.FIRST_BAR else f"re-open +{minutes} min"


def _choose_test(alert: Alert, tests: list[AlertTest]) -> AlertTest:
    """The test of the first line of the alert, if it is among them; else the last one."""
    return next((each for each in tests if each == alert.lead), tests[-1])


def _list_session_slots(alert: Alert, *, is_coming: bool) -> Iterator[Slot]:
    """The settlement; the provisional answer until there is one."""
    day = figures.format_day(alert.session)
    if settlement := alert.find_test(Stage.SETTLEMENT):
        yield Slot(day, _draw_test(settlement))
    elif provisional := alert.find_test(Stage.PROVISIONAL):
        yield Slot("provisional", _draw_test(provisional))
    elif is_coming:
        yield Slot(day, None)


def _list_further_slots(alert: Alert, *, is_coming: bool) -> Iterator[Slot]:
    complete = {each.window: each for each in select_reactions(alert.windows)}
    settlement = alert.find_test(Stage.SETTLEMENT)
    level = DAILY_ALERT_LEVEL if settlement is None else settlement.level
    is_coming = is_coming or (settlement is not None and not is_complete(alert) and not is_withdrawn(alert))
    for window in WINDOWS:
        if window != HEADLINE and (is_coming or window in complete):
            found = complete.get(window)
            name = f"{spell_number(window.sessions)} sessions"
            yield Slot(name, None if found is None else _draw_found(found, level))


def _draw_test(test: AlertTest) -> DrawnTest:
    return DrawnTest(
        move=test.estimate + test.expected,
        low=test.range.low + test.expected,
        high=test.range.high + test.expected,
        normal_low=test.normal.low,
        normal_high=test.normal.high,
        is_abnormal=test.is_abnormal,
    )


def _draw_found(found: Found, level: float) -> DrawnTest:
    low, high = found.normal_range
    return DrawnTest(
        move=found.total,
        low=found.low + found.expected,
        high=found.high + found.expected,
        normal_low=low,
        normal_high=high,
        is_abnormal=found.p <= level,
    )
