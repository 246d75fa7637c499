"""An alert as it is shown: the words that travel with it first, then the detail of its test.

"After", never a cause; never advice. Severity is a word and the direction a sign, whatever their colour.
"""

from brentwatch.core.domain import Alert, LevelRecord
from brentwatch.message.alert_text import write_alert_text
from brentwatch.message.details import (
    CAUTION,
    Feedback,
    describe_detectable_move,
    describe_move,
    write_data_line,
    write_track_record,
)
from brentwatch.message.event_lines import (
    write_confounder_line,
    write_event_line,
    write_event_lines,
    write_overlap_lines,
)
from brentwatch.message.figures import format_estimate
from brentwatch.message.findings import (
    describe_aftermath,
    find_aftermath,
    list_textbook_test,
    select_reactions,
    write_verdict,
)
from brentwatch.message.intraday import write_intraday_lines
from brentwatch.wire.published import AlertText

__all__ = [
    "Feedback",
    "describe_aftermath",
    "write_alert_lines",
    "write_confounder_line",
    "write_event_line",
    "write_verdict",
]

DETAILS = "Details:"
"""What stands between the words that every channel sends and the detail."""


def write_alert_lines(alert: Alert, text: AlertText | None = None) -> list[str]:
    """The alert as lines of plain text, none empty; foreign text in it holds no control character.

    Args:
        alert: any.
        text: the words that it was published with; by default those that it would be published with now.
    """
    return [*(text or write_alert_text(alert)).lines, DETAILS, *write_detail(alert)]


def write_detail(
    alert: Alert, record: LevelRecord | None = None, feedback: Feedback | None = None
) -> tuple[str, ...]:
    """What the words of the alert leave out, line by line.

    Args:
        alert: any.
        record: the bundled record of its series; left out where it is of another series or level.
        feedback: what people said of earlier alerts of its severity.
    """
    lines = _write_daily_lines(alert) if alert.within is None else write_intraday_lines(alert, alert.within)
    return (*lines, *write_track_record(alert, record, feedback))


def _write_daily_lines(alert: Alert) -> list[str]:
    return [
        *write_event_lines(alert),
        describe_move(alert),
        describe_detectable_move(alert),
        *list_textbook_test(alert.beside),
        *(f"CAR{each.window} {format_estimate(each)}" for each in select_reactions(alert.windows)),
        *(describe_aftermath(each, alert.headline.car) for each in find_aftermath(alert.windows)),
        *(write_confounder_line(each) for each in alert.confounders),
        *write_overlap_lines(alert.overlaps),
        CAUTION,
        write_data_line(alert),
    ]
