"""The channel `ntfy`: a push to telephones; a revision replaces the one before (ntfy 2.16 or newer).

The message is published as JSON to the root of the server, since a header holds ASCII alone. The sequence id
is the same for all messages of a thread (https://docs.ntfy.sh/publish).
"""

import re
from typing import ClassVar

from pydantic import SecretStr

from brentwatch.core.domain import Severity, Stage
from brentwatch.notify.http_receiver import (
    HttpReceiver,
    join_parts,
    list_parts,
    read_field,
    read_now,
    reject_format,
)
from brentwatch.notify.messages import Look, Message, Receipt, Revisions
from brentwatch.notify.policy import HttpChannelSettings

_TOPIC = "the name of a topic (anybody who knows it can read and write there, unless it needs a token)"
_MESSAGE_BYTES, _TITLE, _SEQUENCE = 4096, 250, 64
_QUIET = 2
_PRIORITIES = {Severity.CRITICAL: 5, Severity.HIGH: 4, Severity.MEDIUM: 3, Severity.INFO: 2, None: _QUIET}
_HIGHEST_OVER = 3
_TAGS = {
    Look.CRITICAL: "rotating_light",
    Look.HIGH: "warning",
    Look.MEDIUM: "bell",
    Look.INFO: "information_source",
    Look.HEADS_UP: "eyes",
    Look.ACKNOWLEDGED: "white_check_mark",
    Look.CLOSED: "white_circle",
}


class NtfySettings(HttpChannelSettings):
    """The channel `ntfy`, which sends push messages."""

    section: ClassVar[str] = "ntfy"
    secrets: ClassVar[tuple[str, ...]] = ("topic", "token")

    url: str = "https://ntfy.sh"
    """Address of the ntfy server."""
    topic: SecretStr | None = None
    """Topic to publish to; anybody who knows it can read it."""
    topic_file: str | None = None
    """File with the topic."""
    token: SecretStr | None = None
    """Access token, if the server asks for one."""
    token_file: str | None = None
    """File with the access token."""


class Ntfy:
    """Publishes one message a revision; one without importance makes no sound."""

    revisions = Revisions.EDIT
    shows_chart = False

    def __init__(self, settings: NtfySettings) -> None:
        self._topic = settings.get_secret("topic", _TOPIC)
        self._token = settings.get_secret("token")
        self._receiver = HttpReceiver(settings)
        self._receiver.check(settings.url)
        self._topic.read()
        self._token.read()
        self._url = settings.url

    def send(self, message: Message) -> Receipt:
        """Publish one message.

        Raises:
            NoAnswer, Unavailable: if it was not taken.
            Rejected: if it never will be.
        """
        sequence = re.sub(r"[^-_A-Za-z0-9]", "_", message.thread)[:_SEQUENCE]
        headers = {"X-Sequence-ID": sequence}
        if token := read_now(self._token):
            headers["Authorization"] = f"Bearer {token}"
        document = {"topic": read_now(self._topic), "sequence_id": sequence, **_build_push(message)}
        with reject_format():
            reply = self._receiver.post_json(self._url, document, headers)
        is_known = read_field(reply.body, "sequence_id") == sequence
        return Receipt(
            sequence, reply.status, "" if is_known else "revisions replace nothing before ntfy 2.16"
        )


def _build_push(message: Message) -> dict[str, object]:
    first, card, detail = list_parts(message)
    if message.is_plain:
        return {"message": _cut_bytes(join_parts([first, *card], detail))}
    # without a message ntfy would say "triggered"
    words = {"title": first[:_TITLE], "message": _cut_bytes(join_parts(card, detail))}
    if not words["message"]:
        words = {"message": _cut_bytes(first)}
    tags = [_TAGS[message.look], message.severity or Stage.HEADS_UP]
    return words | {"priority": _choose_priority(message), "tags": tags}


def _choose_priority(message: Message) -> int:
    if message.root is not None and not message.pings:
        return _QUIET
    priority = _PRIORITIES[message.severity]
    return min(priority, _HIGHEST_OVER) if message.is_closed else priority


def _cut_bytes(text: str) -> str:
    """As much as ntfy takes for a message: more would become a file."""
    return text.encode()[:_MESSAGE_BYTES].decode(errors="ignore")


def open_channel(settings: NtfySettings) -> Ntfy:
    """The channel as the settings want it.

    Raises:
        SettingsError: if they cannot work.
    """
    return Ntfy(settings)
