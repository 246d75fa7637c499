"""The receivers of the channels over HTTP, on this machine: they speak the real protocol and show what came.

Each fake checks what it is sent as the real one does, answers with its errors, and keeps what arrived. Its
`shown` gives the text of each message as a person or a program sees it: parsed out of the protocol again.
"""

from __future__ import annotations

import html
import json
import re
from dataclasses import dataclass, field
from email import message_from_bytes
from typing import TYPE_CHECKING, Any

from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import Block
from standardwebhooks import Webhook, WebhookVerificationError
from tests.web.stub import Answer, Asked, Stub

from brentwatch.notify.channels.ntfy import NtfySettings
from brentwatch.notify.channels.pagerduty import PagerdutySettings
from brentwatch.notify.channels.slack import SlackSettings
from brentwatch.notify.channels.table import open_channel
from brentwatch.notify.channels.teams import TeamsSettings
from brentwatch.notify.channels.telegram import TelegramSettings
from brentwatch.notify.channels.webhook import WebhookSettings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from brentwatch.notify.messages import Channel
    from brentwatch.notify.policy import HttpChannelSettings

CANARY = "open-sesame"
"""A part of each secret of the settings of `settings`."""


class FakeReceiver(Stub):
    """What all fakes have. Where `refused` is set, a message with this character in it is refused."""

    refused = ""
    name = ""
    secret = "token"
    """The setting of the secret that matters most."""

    def open(self, **changes: object) -> Channel:
        """The channel that leads to this fake, with some settings changed."""
        return open_channel(self.name, self.settings(**changes))

    def settings(self, **changes: object) -> HttpChannelSettings:
        """Settings that lead to this fake, each secret with the canary in it."""
        raise NotImplementedError

    def shown(self) -> list[str]:
        """The text of each message; an edited one stands once."""
        raise NotImplementedError

    def figures(self) -> dict[str, list[str]]:
        """The figures of the last message."""
        return read_figures(self.shown()[-1])

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

    name = "webhook"
    secret = "secret"
    key = KEY

    def __init__(self) -> None:
        super().__init__()
        self.taken: dict[str, bytes] = {}

    def settings(self, **changes: object) -> HttpChannelSettings:
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

    def figures(self) -> dict[str, list[str]]:
        """The figures in the words of the last alert."""
        words = json.loads(self.shown()[-1])["text"]
        return read_figures(f"{words['lock_screen']}\n{words['card']}")


@dataclass
class SlackPost:
    """One post in a channel; `thread` are those below it and `files` the pictures in its thread."""

    fields: Mapping[str, Any]
    edits: int = 0
    thread: list[Mapping[str, Any]] = field(default_factory=list)
    files: list[bytes] = field(default_factory=list)

    @property
    def shown(self) -> str:
        """What a person reads."""
        return show_slack(self.fields)


def list_blocks(fields: Mapping[str, Any]) -> list[Any]:
    """The blocks of a post, those of its attachments among them."""
    attached = [block for each in fields.get("attachments") or [] for block in each.get("blocks", [])]
    return [*(fields.get("blocks") or []), *attached]


def show_slack(fields: Mapping[str, Any]) -> str:
    """The text of a post: its blocks, or the text that stands in for them."""
    texts: list[str] = []
    for block in list_blocks(fields):
        if block["type"] == "actions":
            continue
        elements = block.get("elements") or [block["text"]]
        assert all(each["type"] == "plain_text" for each in elements)
        texts += [each["text"] for each in elements]
    return html.unescape("\n".join(texts or [fields.get("text", "")]))


class SlackFake(FakeReceiver):
    """An incoming webhook, and the methods of the Web API that a bot needs."""

    name = "slack"
    secret = "url"
    token = f"xoxb-{CANARY}"
    channel = "C0123456789"

    def __init__(self) -> None:
        super().__init__()
        self.posts: dict[str, SlackPost] = {}
        self.uploads: dict[str, bytes] = {}
        self.error = ""

    def settings(self, **changes: object) -> HttpChannelSettings:
        given = {"url": f"{self.url}/services/T1/B1/{CANARY}", "hosts": ("127.0.0.1",)}
        return SlackSettings.model_validate(given | changes)

    def routes(self, asked: Asked) -> Answer:
        """As Slack: a webhook answers in words, the Web API in JSON with status 200."""
        if asked.path.startswith("/services/"):
            return self._take_hook(asked)
        if asked.path.startswith("/upload/"):
            self.uploads[asked.path.rpartition("/")[2]] = asked.body
            return Answer(f"OK - {len(asked.body)}".encode())
        if asked.headers.get("Authorization") != f"Bearer {self.token}":
            return self._answer(ok=False, error="invalid_auth")
        is_json = asked.headers.get("Content-Type", "").startswith("application/json")
        fields = json.loads(asked.body) if is_json and asked.body else {**asked.query, **asked.form}
        if error := self.error or self._judge(fields):
            return self._answer(ok=False, error=error)
        methods = {
            "chat.postMessage": self._post,
            "chat.update": self.update,
            "files.getUploadURLExternal": self.name_place,
            "files.completeUploadExternal": self._complete,
        }
        return methods[asked.path.removeprefix("/api/")](fields)

    def _take_hook(self, asked: Asked) -> Answer:
        fields = json.loads(asked.body)
        if self.error or (error := self._judge({"channel": self.channel, **fields})):
            return Answer((self.error or error).encode(), 400)
        self._keep(fields)
        return Answer(b"ok")

    def _judge(self, fields: Mapping[str, Any]) -> str:
        if fields.get("channel", self.channel) != self.channel:
            return "channel_not_found"
        if self.refuses(json.dumps(fields, ensure_ascii=False)):
            return "invalid_blocks"
        blocks = list_blocks(fields)
        try:
            for block in Block.parse_all(blocks):
                block.validate_json()
        except SlackObjectFormationError:
            return "invalid_blocks"
        return "invalid_blocks" if len(blocks) > 50 else ""

    def _keep(self, fields: Mapping[str, Any]) -> str:
        ts = f"1700000000.{len(self.posts):06}"
        self.posts[ts] = SlackPost(fields)
        return ts

    def _post(self, fields: Mapping[str, Any]) -> Answer:
        if thread := fields.get("thread_ts"):
            assert fields.get("reply_broadcast") in (False, None)
            self.posts[thread].thread.append(fields)
            return self._answer(ok=True, channel=self.channel, ts=f"{thread}1", message=fields)
        return self._answer(ok=True, channel=self.channel, ts=self._keep(fields), message=fields)

    def update(self, fields: Mapping[str, Any]) -> Answer:
        """The method chat.update."""
        if fields["ts"] not in self.posts:
            return self._answer(ok=False, error="message_not_found")
        post = self.posts[fields["ts"]]
        post.fields, post.edits = {**post.fields, **fields}, post.edits + 1
        return self._answer(ok=True, channel=self.channel, ts=fields["ts"], text=fields.get("text"))

    def name_place(self, fields: Mapping[str, Any]) -> Answer:
        """The method files.getUploadURLExternal."""
        file = f"F{len(self.uploads)}"
        self.uploads[file] = bytes(int(fields["length"]))
        return self._answer(ok=True, upload_url=f"{self.url}/upload/{file}", file_id=file)

    def _complete(self, fields: Mapping[str, Any]) -> Answer:
        files = fields["files"] if isinstance(fields["files"], list) else json.loads(fields["files"])
        self.posts[fields["thread_ts"]].files += [self.uploads[each["id"]] for each in files]
        return self._answer(ok=True, files=files)

    def _answer(self, **fields: object) -> Answer:
        return Answer(json.dumps(fields).encode(), 200, {"Retry-After": "7"} if self.error else {})

    def shown(self) -> list[str]:
        """The posts in the channel, without those in threads."""
        return [post.shown for post in self.posts.values()]


class SlackBotFake(SlackFake):
    """The same, for a bot."""

    secret = "token"

    def settings(self, **changes: object) -> HttpChannelSettings:
        """Settings of a bot."""
        bot = {"url": None, "token": self.token, "channel_id": self.channel, "api_url": f"{self.url}/api"}
        return super().settings(**(bot | changes))


class TeamsFake(FakeReceiver):
    """A workflow that posts the card of a webhook request: its trigger answers 202, or an error."""

    name = "teams"
    secret = "url"
    largest = 28 * 1024

    def __init__(self) -> None:
        super().__init__()
        self.cards: list[Mapping[str, Any]] = []

    def settings(self, **changes: object) -> HttpChannelSettings:
        path = f"/workflows/w1/triggers/manual/paths/invoke?api-version=2016-06-01&sp=%2F&sv=1.0&sig={CANARY}"
        return TeamsSettings.model_validate({"url": f"{self.url}{path}", "hosts": ("127.0.0.1",)} | changes)

    def routes(self, asked: Asked) -> Answer:
        """As the trigger of a workflow."""
        if asked.query.get("sig") != CANARY:
            return self._refuse(401, "DirectApiAuthorizationRequired")
        if len(asked.body) > self.largest:
            return self._refuse(413, "RequestEntityTooLarge")
        document = json.loads(asked.body)
        (attachment,) = document["attachments"]
        card = attachment["content"]
        is_card = (attachment["contentType"], card["type"], card["version"]) == (
            "application/vnd.microsoft.card.adaptive",
            "AdaptiveCard",
            "1.4",
        )
        if document["type"] != "message" or not is_card or self.refuses(json.dumps(card, ensure_ascii=False)):
            return self._refuse(400, "InvalidAdaptiveCard")
        self.cards.append(card)
        return Answer(b"", 202)

    def _refuse(self, status: int, code: str) -> Answer:
        return Answer(json.dumps({"error": {"code": code, "message": CANARY}}).encode(), status)

    def shown(self) -> list[str]:
        """The text of each card."""
        for card in self.cards:
            assert {block["type"] for block in card["body"]} == {"TextBlock"}
        return ["\n".join(block["text"] for block in card["body"]) for card in self.cards]


TAG = re.compile(r"</?(b|i|u|s|code|pre|a)( [^>]*)?>")


def read_form(asked: Asked) -> dict[str, bytes]:
    """The parts of a form with files, as the parser of e-mail reads them."""
    head = f"Content-Type: {asked.headers['Content-Type']}\r\n\r\n".encode()
    parts: Any = message_from_bytes(head + asked.body).get_payload()
    named = {str(part.get_param("name", header="content-disposition")): part for part in parts}
    return {name: bytes(part.get_payload(decode=True)) for name, part in named.items()}


class TelegramFake(FakeReceiver):
    """The methods of the Bot API that a channel needs, with their errors."""

    name = "telegram"
    token = f"123456:{CANARY}"
    chat = "-1001234567890"

    def __init__(self) -> None:
        super().__init__()
        self.texts: dict[int, str] = {}
        self.replies: dict[int, int] = {}
        self.photos: list[tuple[dict[str, bytes], bytes]] = []
        self.edits = 0
        self.retry_after = 0

    def settings(self, **changes: object) -> HttpChannelSettings:
        given = {"token": self.token, "chat_id": self.chat, "api_url": self.url, "hosts": ("127.0.0.1",)}
        return TelegramSettings.model_validate(given | changes)

    def routes(self, asked: Asked) -> Answer:
        """As the Bot API: the token and the method stand in the path."""
        _, bot, method = asked.path.split("/")
        if bot != f"bot{self.token}":
            return self._refuse(401, "Unauthorized")
        if self.retry_after:
            said = f"Too Many Requests: retry after {self.retry_after}"
            return self._refuse(429, said, parameters={"retry_after": self.retry_after})
        if method == "sendPhoto":
            form = read_form(asked)
            if len(form["caption"].decode()) > 1024:
                return self._refuse(400, "Bad Request: message caption is too long")
            self.photos.append((form, form.pop("photo")))
            return self._answer(len(self.photos) + 900, {})
        fields = json.loads(asked.body)
        if str(fields["chat_id"]) != self.chat:
            return self._refuse(400, "Bad Request: chat not found")
        if error := self._judge(fields):
            return self._refuse(400, f"Bad Request: {error}")
        return self._edit(fields) if method == "editMessageText" else self._post(fields)

    def _judge(self, fields: Mapping[str, Any]) -> str:
        text = fields["text"]
        if self.refuses(text):
            return "strings must be encoded in UTF-8"
        rest = TAG.sub("", text) if fields.get("parse_mode") == "HTML" else ""
        if "<" in rest or re.search(r"&(?!(amp|lt|gt|quot);)", rest):
            return "can't parse entities: Unsupported start tag"
        if len(self.show(fields)) > 4096:
            return "message is too long"
        return "" if text else "message text is empty"

    @staticmethod
    def show(fields: Mapping[str, Any]) -> str:
        """What a person reads."""
        text: str = fields["text"]
        return html.unescape(TAG.sub("", text)) if fields.get("parse_mode") == "HTML" else text

    def _post(self, fields: Mapping[str, Any]) -> Answer:
        number = len(self.texts) + 1
        self.texts[number] = self.show(fields)
        if reply := fields.get("reply_parameters"):
            self.replies[number] = reply["message_id"]
        return self._answer(number, fields)

    def _edit(self, fields: Mapping[str, Any]) -> Answer:
        number = int(fields["message_id"])
        if number not in self.texts:
            return self._refuse(400, "Bad Request: message to edit not found")
        if self.texts[number] == self.show(fields):
            return self._refuse(
                400, "Bad Request: message is not modified: specified new message content and"
            )
        self.texts[number] = self.show(fields)
        self.edits += 1
        return self._answer(number, fields)

    def _answer(self, number: int, fields: Mapping[str, Any]) -> Answer:
        result = {"message_id": number, "chat": {"id": int(self.chat)}, "text": fields.get("text")}
        return Answer(json.dumps({"ok": True, "result": result}).encode())

    def _refuse(self, status: int, said: str, **more: object) -> Answer:
        document = {"ok": False, "error_code": status, "description": said, **more}
        return Answer(json.dumps(document).encode(), status)

    def shown(self) -> list[str]:
        """The messages that reply to no other one."""
        return [text for number, text in self.texts.items() if number not in self.replies]


@dataclass
class Incident:
    """One incident: its state, and the payload of its last trigger."""

    state: str
    payload: Mapping[str, Any]
    triggers: int = 0


class PagerdutyFake(FakeReceiver):
    """The Events API v2: one incident a dedup key, and errors as the real one words them."""

    name = "pagerduty"
    secret = "routing_key"
    key = f"R0-{CANARY}"

    def __init__(self) -> None:
        super().__init__()
        self.incidents: dict[str, Incident] = {}

    def settings(self, **changes: object) -> HttpChannelSettings:
        given = {"routing_key": self.key, "url": f"{self.url}/v2/enqueue", "hosts": ("127.0.0.1",)}
        return PagerdutySettings.model_validate(given | changes)

    def routes(self, asked: Asked) -> Answer:
        """As the Events API: 202, or 400 with what is wrong."""
        event = json.loads(asked.body)
        if errors := self._judge(event):
            return Answer(json.dumps({"status": "invalid event", "errors": errors}).encode(), 400)
        key, action = event["dedup_key"], event["event_action"]
        if action == "trigger":
            before = self.incidents.get(key)
            state = before.state if before and before.state != "resolved" else "triggered"
            count = before.triggers + 1 if before else 1
            self.incidents[key] = Incident(state, event["payload"], count)
        elif key in self.incidents:
            self.incidents[key].state = {"acknowledge": "acknowledged", "resolve": "resolved"}[action]
        answer = {"status": "success", "message": "Event processed", "dedup_key": key}
        return Answer(json.dumps(answer).encode(), 202)

    def _judge(self, event: Mapping[str, Any]) -> list[str]:
        payload = event.get("payload", {})
        wrong = {
            "'routing_key' is invalid": event.get("routing_key") != self.key,
            "'event_action' is invalid": event["event_action"] not in ("trigger", "acknowledge", "resolve"),
            "'dedup_key' is too long": len(event["dedup_key"]) > 255,
            "text is refused": self.refuses(json.dumps(payload, ensure_ascii=False)),
        }
        if event["event_action"] == "trigger":
            wrong |= {
                "'payload.summary' is missing or too long": not 0 < len(payload["summary"]) <= 1024,
                "'payload.severity' is invalid": payload["severity"]
                not in ("critical", "error", "warning", "info"),
                "'payload.source' is missing": not payload["source"],
            }
        return [said for said, is_so in wrong.items() if is_so]

    def shown(self) -> list[str]:
        """The summary and the details of each incident."""
        payloads = [incident.payload for incident in self.incidents.values()]
        details = [dict(each.get("custom_details", {})) for each in payloads]
        for each in details:
            each.pop("alert_id", None)
        return ["\n".join([p["summary"], *d.values()]) for p, d in zip(payloads, details, strict=True)]


class NtfyFake(FakeReceiver):
    """A server that publishes JSON at its root; a message replaces the one of the same sequence."""

    name = "ntfy"
    topic = f"brent-{CANARY}"
    token = f"tk_{CANARY}"
    is_old = False

    def __init__(self) -> None:
        super().__init__()
        self.pushes: dict[str, Mapping[str, Any]] = {}

    def settings(self, **changes: object) -> HttpChannelSettings:
        given = {"topic": self.topic, "token": self.token, "url": self.url, "hosts": ("127.0.0.1",)}
        return NtfySettings.model_validate(given | changes)

    def routes(self, asked: Asked) -> Answer:
        """As ntfy: the fields in JSON win over the headers."""
        if asked.headers.get("Authorization") != f"Bearer {self.token}":
            return self._refuse(403, 40301, "forbidden")
        push = json.loads(asked.body)
        sequence = push.get("sequence_id") or asked.headers["X-Sequence-Id"]
        if not re.fullmatch(r"[-_A-Za-z0-9]{1,64}", sequence) or push["topic"] != self.topic:
            return self._refuse(400, 40009, "invalid request: topic or sequence ID invalid")
        if not 1 <= push.get("priority", 3) <= 5 or self.refuses(asked.body.decode("unicode_escape")):
            return self._refuse(400, 40007, "invalid priority parameter")
        assert len(push["message"].encode()) <= 4096
        number = f"m{len(self.asked)}"
        self.pushes[number if self.is_old else sequence] = push
        named = {"id": number} if self.is_old else {"id": number, "sequence_id": sequence}
        answer = {**named, "event": "message", "topic": self.topic, "message": push["message"]}
        return Answer(json.dumps(answer).encode())

    def _refuse(self, status: int, code: int, said: str) -> Answer:
        return Answer(json.dumps({"code": code, "http": status, "error": said}).encode(), status)

    def shown(self) -> list[str]:
        """Title and message of each push."""
        return [
            "\n".join(filter(None, [each.get("title"), each["message"]])) for each in self.pushes.values()
        ]


RECEIVERS: tuple[type[FakeReceiver], ...] = (
    WebhookFake,
    SlackFake,
    SlackBotFake,
    TeamsFake,
    TelegramFake,
    PagerdutyFake,
    NtfyFake,
)
"""One for each way to send over HTTP: what all must stand is tested on all."""
