"""An alert as it is shown: the words that travel with it first, then the detail of its test.

It says "after" and names no cause; it gives no advice. Severity is a word and the direction a sign, so that
no meaning depends on a colour.
"""

from collections.abc import Iterator

from brentwatch.core.domain import Alert, AlertTest, LevelRecord, Stage
from brentwatch.message.alert_text import write_alert_text
from brentwatch.message.analogues import write_analogue_lines
from brentwatch.message.details import (
    Feedback,
    describe_selection,
    write_data_line,
    write_session_lines,
    write_track_record,
)
from brentwatch.message.event_lines import (
    write_confounder_line,
    write_event_line,
    write_event_lines,
    write_overlap_lines,
    write_story_lines,
)
from brentwatch.message.findings import (
    describe_aftermath,
    describe_window,
    explain_large_move,
    find_aftermath,
    find_session,
    list_textbook_test,
    select_reactions,
    write_verdict,
)
from brentwatch.message.heads_up import write_heads_up_lines
from brentwatch.message.intraday import write_bar_data_line, write_bar_lines
from brentwatch.message.outcomes import write_untested_line
from brentwatch.wire.published import AlertText

__all__ = [
    "Feedback",
    "describe_aftermath",
    "explain_large_move",
    "write_alert_lines",
    "write_alert_text",
    "write_confounder_line",
    "write_event_line",
    "write_verdict",
]

_ROOM_FOR_A_REASON = 300

DETAILS = "Details:"
"""The line between the words that every channel sends and the detail."""


def write_alert_lines(alert: Alert, text: AlertText | None = None) -> list[str]:
    """The alert as lines of plain text, none empty; foreign text in it holds no control character.

    Args:
        alert: any.
        text: the words that it was published with; by default those that it would be published with now.
    """
    return [*(text or write_alert_text(alert)).lines, DETAILS, *write_detail(alert)]


def write_detail(
    alert: Alert,
    record: LevelRecord | None = None,
    feedback: Feedback | None = None,
    yearly_false_alarms: float | None = None,
) -> tuple[str, ...]:
    """The detail of an alert: what its words leave out, line by line.

    Args:
        alert: any.
        record: the bundled record of its series; left out if it is of another series or level.
        feedback: on earlier alerts of its severity.
        yearly_false_alarms: the number to expect at most if nothing happens, over all instruments.
    """
    of_bars = all(each.stage.is_of_bars for each in alert.tests) and alert.tests
    lines = [
        *write_event_lines(alert, within=bool(of_bars)),
        *write_heads_up_lines(alert),
        *(line for each in alert.tests for line in _write_test_lines(alert, each)),
        *(write_untested_line(each, alert, _ROOM_FOR_A_REASON).removesuffix(".") for each in alert.untested),
        *_write_session_course(alert),
        *write_story_lines(alert),
        *(write_confounder_line(each) for each in alert.confounders),
        *write_overlap_lines(alert.overlaps),
        *write_analogue_lines(alert),
        *([] if alert.lead is None or alert.severity is None else [describe_selection(alert.lead)]),
        *_write_data_lines(alert),
    ]
    yearly = [] if yearly_false_alarms is None else [_describe_yearly(yearly_false_alarms)]
    return (*lines, *yearly, *write_track_record(alert, record, feedback))


def _describe_yearly(false_alarms: float) -> str:
    return f"All instruments together: at most {false_alarms:.1f} false alarms a year"


def _write_test_lines(alert: Alert, test: AlertTest) -> Iterator[str]:
    return write_bar_lines(alert, test) if test.stage.is_of_bars else write_session_lines(alert, test)


def _write_session_course(alert: Alert) -> list[str]:
    """Why a large move is not abnormal, the textbook test, and what the sessions after it came to."""
    session = find_session(alert.windows)
    after = [] if session is None else [(each, session.car) for each in find_aftermath(alert.windows)]
    return [
        *_explain_large_session(alert),
        *list_textbook_test(alert.beside),
        *map(describe_window, select_reactions(alert.windows)[1:]),
        *(describe_aftermath(each, car) for each, car in after),
    ]


def _explain_large_session(alert: Alert) -> list[str]:
    session, settlement = find_session(alert.windows), alert.find_test(Stage.SETTLEMENT)
    if session is None or settlement is None:
        return []
    reason = explain_large_move(session, alert.beside, settlement.level)
    return [f"Session: {reason}"] if reason else []


def _write_data_lines(alert: Alert) -> Iterator[str]:
    """The bars and the settlements that the tests rest on; of a heads-up those of the session to come."""
    bars = [each for each in alert.tests if each.stage.is_of_bars]
    if bars:
        yield write_bar_data_line(alert, next((each for each in bars if each == alert.lead), bars[-1]))
    if len(bars) < len(alert.tests) or not bars:
        yield write_data_line(alert)
