"""A message as Slack shows it: a header, and beside a coloured bar card and detail, all as plain text."""

from brentwatch.core.domain import Severity
from brentwatch.notify.buttons import build_buttons
from brentwatch.notify.http_receiver import escape_markup, list_lines
from brentwatch.notify.messages import Message

_HEADER, _SECTION, _SECTIONS = 150, 3000, 40
_COLOURS = {
    Severity.CRITICAL: "#c92a2a",
    Severity.HIGH: "#d9480f",
    Severity.MEDIUM: "#e8a200",
    Severity.INFO: "#1971c2",
}
_ACKNOWLEDGED, _CLOSED = "#2b8a3e", "#868e96"


def build_post(message: Message, footer: str = "", *, has_buttons: bool = False) -> dict[str, object]:
    """The fields of a post; where it is to be plain without any block, and those of before are removed.

    `has_buttons`: people can answer an alert by buttons below it.
    """
    first, *rest = lines = list_lines(message)
    text = escape_markup("\n".join(lines) if message.is_plain else first, _SECTION)
    shared = {"text": text, "mrkdwn": False, "parse": "none", "unfurl_links": False, "unfurl_media": False}
    if message.is_plain:
        return shared | {"blocks": [], "attachments": []}
    blocks: list[object] = [
        {"type": "section", "text": _build_text(each, _SECTION)} for each in _join_lines(rest)
    ]
    if footer:
        blocks.append({"type": "context", "elements": [_build_text(footer, _HEADER)]})
    if has_buttons and message.alert is not None and (buttons := build_buttons(message.thread)):
        blocks.append({"type": "actions", "elements": [_build_button(*each) for each in buttons.items()]})
    return shared | {
        "blocks": [{"type": "header", "text": _build_text(first, _HEADER)}],
        "attachments": [{"color": _choose_colour(message), "blocks": blocks}],
    }


def _choose_colour(message: Message) -> str:
    if message.is_closed:
        return _CLOSED
    return _ACKNOWLEDGED if message.acknowledged else _COLOURS[message.severity]


def _build_button(label: str, carried: str) -> dict[str, object]:
    return {"type": "button", "text": _build_text(label, _HEADER), "action_id": carried}


def _build_text(text: str, room: int) -> dict[str, object]:
    return {"type": "plain_text", "text": escape_markup(text, room), "emoji": False}


def _join_lines(lines: list[str]) -> list[str]:
    """Lines together in one section while they fit: the card in one, the detail in as many as it needs."""
    joined: list[str] = []
    for line in lines:
        if joined and len(escape_markup(f"{joined[-1]}\n{line}", 2 * _SECTION)) <= _SECTION:
            joined[-1] += f"\n{line}"
        else:
            joined.append(line)
    return joined[:_SECTIONS]
