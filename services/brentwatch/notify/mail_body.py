"""A message as the body of an e-mail: as text, and as HTML with the chart in it.

Mail programs read no style sheets, so each element of the HTML has its own style.
"""

from collections.abc import Sequence
from email.message import EmailMessage
from email.policy import SMTP
from html import escape

from brentwatch.notify.http_receiver import join_parts, list_parts
from brentwatch.notify.messages import COLOURS, Look, Message

_POLICY = SMTP.clone(cte_type="7bit")

_PAGE = "margin:0;padding:8px;background:#ffffff"
_BAR = "border-left:6px solid {colour};padding:2px 0 2px 16px;font-family:Arial,Helvetica,sans-serif"
_HEAD = "margin:0 0 10px;font-size:17px;line-height:1.35;color:#212529"
_LINE = "margin:0 0 8px;font-size:15px;line-height:1.45;color:#212529"
_SMALL = "margin:0 0 6px;font-size:13px;line-height:1.45;color:#495057"
_RULE = "border:0;border-top:1px solid #dee2e6;margin:12px 0"
_CHART = '<p style="margin:12px 0"><img src="cid:chart" alt="Chart" width="640" style="max-width:100%"></p>'


def write_body(message: Message) -> EmailMessage:
    """Text alone where it is to be plain, and else text, HTML and the chart."""
    first, card, detail = list_parts(message)
    body = EmailMessage(_POLICY)
    body.set_content(join_parts([first, *card], detail) + "\n")
    if message.is_plain:
        return body
    page = write_html(first, card, detail, look=message.look, has_chart=message.png is not None)
    body.add_alternative(page, subtype="html")
    if message.png:
        _, html = body.iter_parts()
        html.add_related(message.png, "image", "png", cid="<chart>", params={"name": "chart.png"})
    return body


def write_html(first: str, card: Sequence[str], detail: Sequence[str], *, look: Look, has_chart: bool) -> str:
    """The page: beside a coloured bar the card, the chart and the detail. All text is escaped."""
    parts = [
        f'<h3 style="{_HEAD}">{escape(first)}</h3>',
        *(f'<p style="{_LINE}">{escape(line)}</p>' for line in card),
        *([_CHART] if has_chart else []),
        *([f'<hr style="{_RULE}">'] if detail else []),
        *(f'<p style="{_SMALL}">{escape(line)}</p>' for line in detail),
    ]
    cell = f'<td style="{_BAR.format(colour=COLOURS[look])}">'
    table = '<table role="presentation" width="100%" style="max-width:760px;border-collapse:collapse">'
    return "\n".join(
        [
            "<!DOCTYPE html>",
            f'<html><head><meta charset="utf-8"></head><body style="{_PAGE}">',
            f"{table}<tr>{cell}",
            *parts,
            "</td></tr></table></body></html>",
        ]
    )
