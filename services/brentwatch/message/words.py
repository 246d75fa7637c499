"""An alert as it is shown: the words that travel with it first, then the details of its test.

"After", never a cause; never advice. Severity is a word and the direction a sign, whatever their colour.
"""

from brentwatch.core.domain import Alert
from brentwatch.message.alert_text import write_alert_text
from brentwatch.message.details import CAUTION, describe_detectable_move, describe_move, write_data_line
from brentwatch.message.event_lines import (
    write_confounder_line,
    write_event_line,
    write_event_lines,
    write_overlap_lines,
)
from brentwatch.message.figures import format_estimate
from brentwatch.message.findings import (
    describe_aftermath,
    describe_survival,
    find_aftermath,
    list_other_models,
    select_reactions,
    write_verdict,
)
from brentwatch.message.intraday import write_intraday_lines
from brentwatch.wire.published import AlertText

__all__ = [
    "describe_aftermath",
    "write_alert_lines",
    "write_confounder_line",
    "write_event_line",
    "write_verdict",
]

DETAILS = "Details:"
"""What stands between the words that every channel sends and the details."""


def write_alert_lines(alert: Alert, text: AlertText | None = None) -> list[str]:
    """The alert as lines of plain text, none empty; foreign text in it holds no control character.

    Args:
        alert: any.
        text: the words that it was published with; by default those that it would be published with now.
    """
    return [*(text or write_alert_text(alert)).lines, DETAILS, *write_detail_lines(alert)]


def write_detail_lines(alert: Alert) -> list[str]:
    """What the words of the alert leave out."""
    if alert.within is not None:
        return write_intraday_lines(alert, alert.within)
    return [
        *write_event_lines(alert),
        describe_move(alert),
        describe_detectable_move(alert),
        *list_other_models(alert.beside),
        *describe_survival(alert.survives_addis),
        *(f"CAR{each.window} {format_estimate(each)}" for each in select_reactions(alert.windows)),
        *(describe_aftermath(each, alert.headline.car) for each in find_aftermath(alert.windows)),
        *(write_confounder_line(each) for each in alert.confounders),
        *write_overlap_lines(alert.overlaps),
        CAUTION,
        write_data_line(alert),
    ]
