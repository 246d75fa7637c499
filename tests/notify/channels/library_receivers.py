"""The receivers of the channels that stand on a library, on this machine: a pod of Symphony, a target."""

from __future__ import annotations

import json
import re
import subprocess
from base64 import urlsafe_b64encode
from email import message_from_bytes
from functools import cache
from html import unescape
from typing import Any

from pydantic import SecretStr
from tests.web.stub import Answer, Asked, Stub

from brentwatch.notify.channels import apprise, symphony
from brentwatch.notify.channels.apprise import AppriseSettings, AppriseTarget
from brentwatch.notify.channels.symphony import Symphony, SymphonySettings

PARTS = (b'{"alg":"none"}', b"{}", b"canary-of-the-session")
SESSION = ".".join(urlsafe_b64encode(each).decode().rstrip("=") for each in PARTS)
CANARY = "canary-of-the-apprise-token"
RECEIPTS = [
    {"user": {"id": 1, "firstName": "Anna"}, "readReceiptTimestamp": 1_700_000_000_000},
    {"user": {"id": 2, "firstName": "Ben"}, "deliveryReceiptTimestamp": 1_700_000_000_000},
]


@cache
def make_key() -> str:
    """The RSA key of a bot, in PEM."""
    command = ["openssl", "genrsa", "-traditional", "2048"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


class FakePod(Stub):
    """Signs in whoever asks, and keeps what stands in each message now."""

    def __init__(self) -> None:
        super().__init__()
        self.posted: dict[str, str] = {}
        self.pictures: list[bytes] = []

    def routes(self, asked: Asked) -> Answer:
        if asked.path in ("/login/pubkey/authenticate", "/relay/pubkey/authenticate"):
            return _answer(name="sessionToken", token=SESSION)
        if asked.path.endswith("/receipts"):
            return _answer(MessageReceiptDetail=RECEIPTS)
        assert asked.path.startswith("/agent/v4/stream/stream-1/message/"), asked.path
        assert asked.headers["sessionToken"] == SESSION
        *_, last, action = asked.path.split("/")
        number = f"message-{len(self.posted) + 1}" if action == "create" else last
        parts = read_parts(asked)
        self.posted[number] = parts["message"].decode()
        self.pictures += [each for name, each in parts.items() if name == "attachment"]
        return _answer(messageId=number)

    def shown(self) -> list[str]:
        """What a person reads in each message."""
        return [unescape(re.sub(r"<[^>]*>", "", _break_lines(each))) for each in self.posted.values()]


def _break_lines(text: str) -> str:
    return text.replace("<br/>", "\n")


def _answer(**fields: object) -> Answer:
    return Answer(json.dumps(fields).encode(), headers={"Content-Type": "application/json"})


def read_parts(asked: Asked) -> dict[str, bytes]:
    """The parts of a form, by their names."""
    head = f"Content-Type: {asked.headers['Content-Type']}\r\n\r\n".encode()
    parts = message_from_bytes(head + asked.body).walk()
    return {
        str(each.get_param("name", header="content-disposition")): bytes(each.get_payload(decode=True) or b"")
        for each in parts
        if not each.is_multipart()
    }


def open_symphony(pod: Stub, **changes: Any) -> Symphony:
    """The channel that leads to a pod, with some settings changed."""
    told: dict[str, Any] = {
        "url": pod.url,
        "hosts": ("127.0.0.1",),
        "username": "bot",
        "private_key": SecretStr(make_key()),
        "stream_id": "stream-1",
        "timeout_seconds": 20,
    }
    return symphony.open_channel(SymphonySettings(**told | changes))


class FakeTarget(Stub):
    """Takes what the scheme json:// of Apprise sends."""

    def routes(self, asked: Asked) -> Answer:
        return Answer(b"{}")

    def shown(self) -> list[str]:
        """Title and text of each message."""
        documents = [json.loads(each.body) for each in self.asked]
        return ["\n".join(filter(None, [each["title"], each["message"]])) for each in documents]


def open_apprise(target: Stub, query: str = "", **changes: Any) -> AppriseTarget:
    """The channel that leads to a target, with some settings changed."""
    url = f"{target.url.replace('http', 'json')}/{CANARY}{query}"
    told: dict[str, Any] = {"url": SecretStr(url), "hosts": ("127.0.0.1",), "timeout_seconds": 20}
    return apprise.open_channel(AppriseSettings(**told | changes))
