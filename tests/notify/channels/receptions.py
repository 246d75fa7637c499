"""Every way to send, with a receiver on this machine: what is asked of all channels is asked of these."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from io import StringIO
from typing import TYPE_CHECKING, Any

from tests.kafka.certificates import self_signed
from tests.notify.channels.library_receivers import (
    FakePod,
    FakeTarget,
    open_apprise,
    open_symphony,
    read_parts,
)
from tests.notify.channels.receivers import (
    CANARY,
    FakeReceiver,
    NtfyFake,
    PagerdutyFake,
    SlackBotFake,
    SlackFake,
    TeamsFake,
    TelegramFake,
    WebhookFake,
)
from tests.web.mail_server import MailFake, serve_mail

from brentwatch.message.foreign import escape_text
from brentwatch.notify.channels import email
from brentwatch.notify.channels.email_settings import EmailSettings
from brentwatch.notify.channels.jsonl import Jsonl
from brentwatch.notify.channels.terminal import Terminal
from brentwatch.web.addresses import MailSecurity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager
    from email.message import EmailMessage
    from pathlib import Path

    from tests.web.stub import Asked, Stub

    from brentwatch.notify.messages import Channel

WIDTH = 150
HEADERS = ("Webhook-Id", "X-Sequence-Id")
"""Headers that say something of a message; the others are the same for all, or vary."""
MAIL_HEADERS = ("From", "To", "Subject", "Message-ID", "In-Reply-To", "References", "Auto-Submitted")


@dataclass(frozen=True, slots=True)
class Reception:
    """A channel and its receiver: what a person is shown there, and what came, each as a text to be read.

    `received` is what came as it was sent: requests, mails, or what was written.
    """

    channel: Channel
    show: Callable[[], list[str]]
    describe: Callable[[], list[str]]
    received: Callable[[], Sequence[Any]]


@contextmanager
def receive_terminal(_: Path) -> Iterator[Reception]:
    out = StringIO()

    def show() -> list[str]:
        return [each for each in out.getvalue().split("\n\n") if each]

    def describe() -> list[str]:
        return ["\n".join(map(escape_text, each.split("\n"))) for each in show()]

    yield Reception(Terminal(out, colour=True), show, describe, show)


@contextmanager
def receive_jsonl(folder: Path) -> Iterator[Reception]:
    path = folder / "alerts.jsonl"

    def show() -> list[str]:
        return path.read_text(encoding="utf-8").split("\n")[:-1]

    yield Reception(Jsonl(path), show, lambda: [write_document(line) for line in show()], show)


@contextmanager
def receive_request(kind: type[FakeReceiver], _: Path, **changes: object) -> Iterator[Reception]:
    with kind() as fake:
        yield Reception(fake.open(**changes), fake.shown, partial(_describe_all, fake), lambda: fake.asked)


@contextmanager
def receive_symphony(_: Path) -> Iterator[Reception]:
    with FakePod() as pod:
        yield Reception(open_symphony(pod), pod.shown, partial(_describe_all, pod), lambda: pod.asked)


@contextmanager
def receive_apprise(_: Path) -> Iterator[Reception]:
    with FakeTarget() as target:
        describe = partial(_describe_all, target)
        yield Reception(open_apprise(target), target.shown, describe, lambda: target.asked)


@contextmanager
def receive_mail(folder: Path) -> Iterator[Reception]:
    with serve_mail(self_signed(folder, "mail"), starttls=False) as fake:
        show, describe = partial(_show_mails, fake), partial(_describe_mails, fake)
        yield Reception(open_mail(fake), show, describe, lambda: fake.messages)


def open_mail(fake: MailFake) -> Channel:
    """The channel that leads to a mail server without encryption."""
    return email.open_channel(
        EmailSettings(
            server=f"127.0.0.1:{fake.port}",
            hosts=("127.0.0.1",),
            security=MailSecurity.PLAIN,
            sender="alerts@desk.example",
            to=("trader@desk.example",),
            timeout_seconds=20,
        )
    )


RECEPTIONS: dict[str, Callable[[Path], AbstractContextManager[Reception]]] = {
    "terminal": receive_terminal,
    "jsonl": receive_jsonl,
    "email": receive_mail,
    "webhook": partial(receive_request, WebhookFake),
    "slack_webhook": partial(receive_request, SlackFake),
    "slack_bot": partial(receive_request, SlackBotFake, app_token=f"xapp-{CANARY}"),
    "teams": partial(receive_request, TeamsFake),
    "telegram": partial(receive_request, TelegramFake),
    "pagerduty": partial(receive_request, PagerdutyFake),
    "ntfy": partial(receive_request, NtfyFake),
    "symphony": receive_symphony,
    "apprise": receive_apprise,
}
"""By the name of the channel, with what tells two ways of one channel apart behind it."""


def _describe_all(stub: Stub) -> list[str]:
    return [_describe_request(each) for each in stub.asked if not each.path.endswith("/authenticate")]


def _describe_request(asked: Asked) -> str:
    """Its address, headers and body; how long a body is that is neither JSON nor a form."""
    headers = {name.title(): value for name, value in asked.headers.items()}
    shown = [f"{name}: {headers[name]}" for name in HEADERS if name in headers]
    return "\n".join([f"{asked.method} {asked.target}", *shown, _describe_body(asked, headers)])


def _describe_body(asked: Asked, headers: dict[str, str]) -> str:
    kind = headers.get("Content-Type", "")
    if "Webhook-Id" in headers:
        return write_document(asked.body)
    if kind.startswith("application/json"):
        return write_json(json.loads(asked.body))
    if kind.startswith("multipart/form-data"):
        return write_json({name: _describe_part(part) for name, part in read_parts(asked).items()})
    return f"({len(asked.body)} bytes)"


def _describe_part(part: bytes) -> str:
    return part.decode() if part.isascii() or not part.startswith(b"\x89PNG") else f"({len(part)} bytes)"


def _read_part(mail: EmailMessage, kind: str) -> str:
    texts = [str(each.get_content()) for each in mail.walk() if each.get_content_type() == kind]
    return "\n".join("".join(texts).split("\r\n")).rstrip("\n")


def _show_mails(fake: MailFake) -> list[str]:
    return [f"{mail['Subject']}\n{_read_part(mail, 'text/plain')}" for mail in fake.messages]


def _describe_mails(fake: MailFake) -> list[str]:
    return [_describe_mail(mail) for mail in fake.messages]


def _describe_mail(mail: EmailMessage) -> str:
    headers = [f"{name}: {mail[name]}" for name in MAIL_HEADERS if mail[name]]
    kinds = " ".join(each.get_content_type() for each in mail.walk())
    return "\n".join(
        [*headers, f"({kinds})", "", *(_read_part(mail, f"text/{it}") for it in ("plain", "html"))]
    )


def write_document(document: str | bytes) -> str:
    """An alert as JSON for programs: one line a field, but for its words."""
    alert = json.loads(document)
    return "\n".join(f"{name}: {write_json(each, width=1000)}" for name, each in alert.items())


def write_json(value: Any, indent: str = "", width: int = WIDTH) -> str:
    """JSON for people: what fits stands on one line, and a text of several lines below its name."""
    flat = json.dumps(value, ensure_ascii=False)
    inner = f"{indent}  "
    is_long = len(indent) + len(flat) > width or "\\n" in flat
    match value:
        case str() if "\n" in value:
            lines = [json.dumps(line, ensure_ascii=False)[1:-1] for line in value.split("\n")]
            return "\n".join(["|", *(f"{inner}{line}" for line in lines)])
        case dict() if is_long:
            texts = [f"{json.dumps(name)}: {write_json(each, inner)}" for name, each in value.items()]
            return "\n".join(["{", *(f"{inner}{text}" for text in texts), f"{indent}}}"])
        case list() if is_long:
            texts = [write_json(each, inner) for each in value]
            return "\n".join(["[", *(f"{inner}{text}" for text in texts), f"{indent}]"])
        case _:
            return flat
