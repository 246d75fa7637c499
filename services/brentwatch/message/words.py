"""An alert as it is shown: the words that travel with it first, then the details of its test.

"After", never a cause; never advice. Severity is a word and the direction a sign, whatever their colour.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from brentwatch.message.alert_text import alert_text
from brentwatch.message.events import confounder_line, event_line, event_lines, overlap_lines
from brentwatch.message.figures import estimate
from brentwatch.message.findings import (
    after_words,
    aftermath,
    beside_line,
    reactions,
    survival_line,
    verdict,
)
from brentwatch.message.fine_print import CAUTION, data_line
from brentwatch.message.intraday import within_lines
from brentwatch.message.measures import found_line, unseen_line

if TYPE_CHECKING:
    from brentwatch.core.domain.alerts import Alert
    from brentwatch.wire.alert_text import AlertText

__all__ = ["after_words", "alert_lines", "confounder_line", "event_line", "verdict"]

DETAILS = "Details:"
"""What stands between the words that every channel sends and the details."""


def alert_lines(alert: Alert, text: AlertText | None = None) -> list[str]:
    """The alert as lines of plain text, none empty; foreign text in it holds no control character.

    Args:
        alert: any.
        text: the words that it was published with; by default those that it would be published with now.
    """
    return [*(text or alert_text(alert)).lines, DETAILS, *detail_lines(alert)]


def detail_lines(alert: Alert) -> list[str]:
    """What the words of the alert leave out."""
    if alert.within is not None:
        return within_lines(alert, alert.within)
    return [
        *event_lines(alert),
        found_line(alert),
        unseen_line(alert),
        *beside_line(alert.beside),
        *survival_line(alert.survives_addis),
        *(f"CAR{each.window} {estimate(each)}" for each in reactions(alert.windows)),
        *(after_words(each, alert.headline.car) for each in aftermath(alert.windows)),
        *(confounder_line(each) for each in alert.confounders),
        *overlap_lines(alert.overlaps),
        CAUTION,
        data_line(alert),
    ]
