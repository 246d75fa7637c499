"""The receivers of the channels over HTTP, on this machine: they speak the real protocol and show what came.

Each fake checks what it is sent as the real one does, answers with its errors, and keeps what arrived. Its
`shown` gives the text of each message as a person or a program sees it: parsed out of the protocol again.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from standardwebhooks import Webhook, WebhookVerificationError
from tests.web.stub import Answer, Asked, Stub

if TYPE_CHECKING:
    from brentwatch.notify.policy import HttpChannelSettings

CANARY = "open-sesame"
"""A part of each secret of the settings of `settings`."""


class FakeReceiver(Stub):
    """What all fakes have. Where `refused` is set, a message with this character in it is refused."""

    refused = ""

    def settings(self, **changes: object) -> HttpChannelSettings:
        """Settings that lead to this fake, each secret with the canary in it."""
        raise NotImplementedError

    def shown(self) -> list[str]:
        """The text of each message; an edited one stands once."""
        raise NotImplementedError

    def refuses(self, text: str) -> bool:
        """True where the character that is not taken is in the text."""
        return bool(self.refused) and self.refused in text


def read_figures(text: str) -> dict[str, list[str]]:
    """The figures that a text shows: moves, money, p and ranges, in their order."""
    plain = text.replace("\u2212", "-")
    return {
        "percent": re.findall(r"[+-]\d+\.\d(?= %)", plain),
        "usd": re.findall(r"[+-]\d+\.\d+(?= USD/bbl)", plain),
        "p": re.findall(r"p [=<] \d\.\d+", plain),
        "range": re.findall(r"[+-]\d+\.\d to [+-]\d+\.\d %", plain),
    }


KEY = "whsec_b3Blbi1zZXNhbWUtb3Blbi1zZXNhbWUtMTIzNDU2"
OLD_KEY = "whsec_b3Blbi1zZXNhbWUtb3Blbi1zZXNhbWUtb2xkLW9uZQ=="


class WebhookFake(FakeReceiver):
    """Takes a document whose signature verifies, and drops the second copy of an id."""

    key = KEY

    def __init__(self) -> None:
        super().__init__()
        self.taken: dict[str, bytes] = {}

    def settings(self, **changes: object) -> HttpChannelSettings:
        from brentwatch.notify.channels.webhook import WebhookSettings

        given = {"url": f"{self.url}/{CANARY}?token={CANARY}", "secret": KEY, "hosts": ("127.0.0.1",)}
        return WebhookSettings.model_validate(given | changes)

    def routes(self, asked: Asked) -> Answer:
        """Verify, as the reference library of the convention does."""
        headers = {name.lower(): value for name, value in asked.headers.items()}
        try:
            Webhook(self.key).verify(asked.body, headers)
        except WebhookVerificationError:
            return Answer(b"bad signature", 401)
        if self.refuses(asked.body.decode()):
            return Answer(b"bad character", 400)
        self.taken.setdefault(headers["webhook-id"], asked.body)
        return Answer(b"", 204)

    def shown(self) -> list[str]:
        """The documents."""
        return [body.decode() for body in self.taken.values()]
