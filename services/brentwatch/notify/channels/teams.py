"""The channel `teams`: posts an Adaptive Card to a Workflow of Microsoft Teams, which cannot edit it later.

A TextBlock reads some Markdown, so the characters that make links and emphasis are changed in every text.
"""

import json
from typing import ClassVar

from pydantic import SecretStr

from brentwatch.notify.http_receiver import HttpReceiver, list_parts, name_thread, read_now, reject_format
from brentwatch.notify.messages import Look, Message, Receipt, Revisions
from brentwatch.notify.policy import HttpChannelSettings

_URL = "the address of a workflow that begins when a Teams webhook request is received"
_LARGEST_BYTES = 28 * 1024
_ROOM = 1000
_STYLES: dict[Look, dict[str, object]] = {
    Look.CRITICAL: {"color": "Attention"},
    Look.HIGH: {"color": "Warning"},
    Look.MEDIUM: {"color": "Accent"},
    Look.INFO: {"color": "Default"},
    Look.HEADS_UP: {"color": "Default"},
    Look.ACKNOWLEDGED: {"color": "Good"},
    Look.CLOSED: {"color": "Default", "isSubtle": True},
}
_NO_MARKDOWN = str.maketrans({"]": "]\u200b", "*": "\u2217", "_": "\uff3f", "`": "\u02cb", "~": "\u223c"})


class TeamsSettings(HttpChannelSettings):
    """The channel `teams`, which posts to a workflow."""

    section: ClassVar[str] = "teams"
    secrets: ClassVar[tuple[str, ...]] = ("url",)

    url: SecretStr | None = None
    """Address of the workflow."""
    url_file: str | None = None
    """File with the address of the workflow."""


class Teams:
    """Posts one card a message."""

    revisions = Revisions.FOLLOW_UP
    shows_chart = False

    def __init__(self, settings: TeamsSettings) -> None:
        self._url = settings.get_secret("url", _URL)
        self._receiver = HttpReceiver(settings)
        self._receiver.check(self._url.read())

    def send(self, message: Message) -> Receipt:
        """Post one card.

        Raises:
            NoAnswer, Unavailable: if it was not taken.
            Rejected: if it never will be.
        """
        with reject_format():
            reply = self._receiver.post_json(read_now(self._url), _build_message(message))
        return Receipt(status=reply.status)


def _build_message(message: Message) -> dict[str, object]:
    """The card in as many lines as fit; the last ones, which are of the detail, are left out first."""
    first, card, detail = list_parts(message)
    blocks = [_build_block(first, message), *map(_build_block, [*card, *detail, name_thread(message)])]
    if detail:
        blocks[1 + len(card)] |= {"separator": True}
    while len(json.dumps(_wrap(blocks))) > _LARGEST_BYTES:
        del blocks[-2]
    return _wrap(blocks)


def _build_block(line: str, head: Message | None = None) -> dict[str, object]:
    text = (line if len(line) <= _ROOM else f"{line[:_ROOM]}\u2026").translate(_NO_MARKDOWN)
    block: dict[str, object] = {"type": "TextBlock", "text": text, "wrap": True}
    if head is None or head.is_plain:
        return block
    return block | {"weight": "Bolder", "size": "Medium"} | _STYLES[head.look]


def _wrap(blocks: list[dict[str, object]]) -> dict[str, object]:
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "msteams": {"width": "Full"},
        "body": [each for each in blocks if each["text"]],
    }
    content_type = "application/vnd.microsoft.card.adaptive"
    attachment = {"contentType": content_type, "contentUrl": None, "content": card}
    return {"type": "message", "attachments": [attachment]}


def open_channel(settings: TeamsSettings) -> Teams:
    """The channel as the settings want it.

    Raises:
        SettingsError: if they cannot work.
    """
    return Teams(settings)
