"""A message as Slack shows it: a header, and beside a coloured bar card and detail, all as plain text."""

from brentwatch.notify.buttons import build_buttons
from brentwatch.notify.http_receiver import escape_markup, join_parts, list_parts
from brentwatch.notify.messages import COLOURS, Message

_HEADER, _SECTION, _SECTIONS = 150, 3000, 40


def build_post(message: Message, footer: str = "", *, has_buttons: bool = False) -> dict[str, object]:
    """The fields of a post; where it is to be plain without any block, and those of before are removed.

    `has_buttons`: people can answer an alert by buttons below it.
    """
    first, card, detail = list_parts(message)
    text = escape_markup(join_parts([first, *card], detail) if message.is_plain else first, _SECTION)
    shared = {"text": text, "mrkdwn": False, "parse": "none", "unfurl_links": False, "unfurl_media": False}
    if message.is_plain:
        return shared | {"blocks": [], "attachments": []}
    sections = [*_join_lines(card), *_join_lines(detail)][:_SECTIONS]
    blocks: list[object] = [{"type": "section", "text": _build_text(each, _SECTION)} for each in sections]
    if footer:
        blocks.append({"type": "context", "elements": [_build_text(footer, _HEADER)]})
    if has_buttons and (buttons := build_buttons(message)):
        blocks.append({"type": "actions", "elements": [_build_button(*each) for each in buttons.items()]})
    return shared | {
        "blocks": [{"type": "header", "text": _build_text(first, _HEADER)}],
        "attachments": [{"color": COLOURS[message.look], "blocks": blocks}] if blocks else [],
    }


def _build_button(label: str, carried: str) -> dict[str, object]:
    return {"type": "button", "text": _build_text(label, _HEADER), "action_id": carried}


def _build_text(text: str, room: int) -> dict[str, object]:
    return {"type": "plain_text", "text": escape_markup(text, room), "emoji": False}


def _join_lines(lines: list[str]) -> list[str]:
    """Lines together in one section while they fit."""
    joined: list[str] = []
    for line in lines:
        if joined and len(escape_markup(f"{joined[-1]}\n{line}", 2 * _SECTION)) <= _SECTION:
            joined[-1] += f"\n{line}"
        else:
            joined.append(line)
    return joined
