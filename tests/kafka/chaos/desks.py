"""The receivers of a proof of the notifier: they fail at random, and count what they have taken."""

from __future__ import annotations

import json
import re
import socket
import struct
import threading
from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING

from pydantic import SecretStr
from tests.notify.channels.receivers import FakeReceiver, SlackBotFake, TeamsFake, WebhookFake, show_slack
from tests.web.stub import Answer, send

if TYPE_CHECKING:
    from collections.abc import Callable
    from http.server import BaseHTTPRequestHandler
    from random import Random

    from tests.web.stub import Asked

FAILURES = 0.05
"""The share of requests that fail: a third each with 500, with 429, and with a reset once they were taken."""

_OK = 300
_RESET = Answer(status=0)
_HELD = "held back"
_MARK = re.compile(r"Alert (\d+)\.(\d+)\b")


def mark(thread: int, revision: int) -> str:
    """A place by which a receiver tells one revision from another, in the words of any channel."""
    return f"Alert {thread:04}.{revision}"


class Desk(FakeReceiver):
    """What each of the receivers does beside its protocol.

    `got` counts the messages that people or programs have got, by what they say; `edits` are none of them.
    """

    def arm(self, chance: Random | None) -> None:
        """Count from now on, and fail where there is a `chance`."""
        self.chance = chance
        self.lock = threading.Lock()
        self.got = Counter[str]()
        self.edits = Counter[str]()
        self.resets = 0
        self.requests = 0
        self.is_down = False
        self.on_digest: Callable[[], None] | None = None
        self.trouble = _answer_or_reset

    def routes(self, asked: Asked) -> Answer:
        """Fail, or take the message, or both."""
        if not self.is_message(asked):
            return super().routes(asked)
        with self.lock:
            self.requests += 1
            luck = self.chance.random() / FAILURES if self.chance else 1.0
            if luck < 1 / 3 or self.is_down:
                return Answer(b"", 500)
            if luck < 2 / 3:
                return Answer(b"", 429, {"Retry-After": "1"})
            answer = super().routes(asked)
            if answer.status >= _OK:
                return answer
            said = self.read_words(asked)
            (self.edits if asked.path.endswith("chat.update") else self.got)[said] += 1
            happen, is_digest = self.on_digest, _HELD in asked.body.decode()
            if is_digest:
                self.on_digest = None
            self.resets += luck < 1
        if happen and is_digest:
            happen()
        return _RESET if luck < 1 else answer

    def is_message(self, _: Asked) -> bool:
        """False for what only comes with a message, as a chart does."""
        return True

    def read_words(self, _: Asked) -> str:
        """What the message says, in one line."""
        raise NotImplementedError

    def format_section(self, **changes: object) -> list[str]:
        """The settings that lead here, as lines of TOML."""
        known = self.settings(**changes).model_dump(exclude_unset=True)
        texts = {
            key: value.get_secret_value() if isinstance(value, SecretStr) else value
            for key, value in known.items()
            if value is not None
        }
        return [f"[notify.{self.name}]", *(f"{key} = {json.dumps(value)}" for key, value in texts.items())]


def _answer_or_reset(handler: BaseHTTPRequestHandler, answer: Answer) -> None:
    if answer is _RESET:
        handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        handler.close_connection = True
        return
    with suppress(OSError):  # who asked was killed
        send(handler, answer)


def _name_words(text: str) -> str:
    """The mark of an alert, or the whole text of a digest or a notice."""
    found = _MARK.search(text)
    return text if found is None or _HELD in text else f"{int(found[1])}:{found[2]}"


class WebhookDesk(Desk, WebhookFake):
    """A program that takes every revision."""

    def read_words(self, asked: Asked) -> str:
        """The id, by which a program drops the second copy."""
        return {name.lower(): value for name, value in asked.headers.items()}["webhook-id"]


class SlackDesk(Desk, SlackBotFake):
    """A channel whose messages are edited; what is posted below one has `post` before its words."""

    def is_message(self, asked: Asked) -> bool:
        """False for the uploads of a chart."""
        return "/chat." in asked.path

    def read_words(self, asked: Asked) -> str:
        """What a person reads."""
        fields = json.loads(asked.body)
        return f"{'post ' if 'thread_ts' in fields else ''}{_name_words(show_slack(fields))}"


class TeamsDesk(Desk, TeamsFake):
    """A channel that cannot edit."""

    def read_words(self, _: Asked) -> str:
        """What a person reads."""
        return _name_words(self.shown()[-1])


DESKS: dict[str, type[Desk]] = {"webhook": WebhookDesk, "slack": SlackDesk, "teams": TeamsDesk}
"""By channel."""
