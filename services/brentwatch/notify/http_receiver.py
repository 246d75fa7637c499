"""What the channels over HTTP share: which hosts they ask, how they read replies, and clean text for them."""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

from brentwatch.core.errors import SettingsError, Unavailable
from brentwatch.message.foreign import clean, cut_text
from brentwatch.notify.messages import Message, Rejected
from brentwatch.notify.policy import HttpChannelSettings
from brentwatch.web.addresses import AllowedHosts
from brentwatch.web.failures import NoAnswer
from brentwatch.web.fetching import Fetcher, Reply
from brentwatch.web.secrets import Secret

_JSON = {"Content-Type": "application/json; charset=utf-8"}


class HttpReceiver:
    """Sends one request at a time to hosts that the settings allow.

    `explain` finds in the text of an error what the channel wants to know: it is `NoAnswer.explained`.
    """

    def __init__(self, settings: HttpChannelSettings, explain: Callable[[bytes], str] | None = None) -> None:
        self._hosts = AllowedHosts(settings.hosts, f"notify.{settings.section}.hosts")
        self._section = settings.section
        self._ca_file = settings.ca_file
        self._fetcher = Fetcher(
            settings.timeout_seconds,
            ca_file=settings.ca_file,
            explain=explain,
            check_target=self._hosts.check_target,
        )

    def check(self, url: str, setting: str = "url") -> None:
        """See that the settings can work.

        Raises:
            SettingsError: if the address may not be asked, or the certificates cannot be read.
        """
        try:
            self._hosts.check_url(url)
        except ValueError as error:
            expected = str(error).rstrip(",")
            raise SettingsError(
                f"notify.{self._section}.{setting} cannot be used; expected {expected}: correct the settings"
            ) from None
        if self._ca_file and not Path(self._ca_file).is_file():
            raise SettingsError(
                f"notify.{self._section}.ca_file is {self._ca_file}, which cannot be read; expected a file "
                "of certificates in PEM: correct the path or its permissions"
            )

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Reply:
        """The reply to what is sent byte for byte.

        Raises:
            NoAnswer: if it was not taken.
            Unavailable: if the address may not be asked, or no longer: it may stand in a file that changed.
        """
        try:
            self.check(url)
        except SettingsError as error:
            raise Unavailable(str(error)) from None
        return self._fetcher.send("POST", url, body, headers)

    def post_json(self, url: str, document: object, headers: Mapping[str, str] | None = None) -> Reply:
        """The reply to a document as JSON.

        Raises:
            NoAnswer, Unavailable: as above.
        """
        return self.post(url, json.dumps(document).encode(), {**_JSON, **(headers or {})})


def read_now(secret: Secret) -> str:
    """The secret at this moment.

    Raises:
        Unavailable: if its file cannot be read any more: the message is sent once it can.
    """
    try:
        return secret.read()
    except SettingsError as error:
        raise Unavailable(str(error)) from None


def build_multipart(fields: Mapping[str, object], name: str, png: bytes) -> tuple[bytes, dict[str, str]]:
    """The body of a form with a picture, and its header; fields that are no text are sent as JSON."""
    boundary = uuid4().hex
    texts = {key: each if isinstance(each, str) else json.dumps(each) for key, each in fields.items()}
    head = "".join(
        f'--{boundary}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{text}\r\n'
        for key, text in texts.items()
    )
    file = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"; filename="chart.png"\r\n'
        "Content-Type: image/png\r\n\r\n"
    )
    body = f"{head}{file}".encode() + png + f"\r\n--{boundary}--\r\n".encode()
    return body, {"Content-Type": f"multipart/form-data; boundary={boundary}"}


@contextmanager
def reject_format() -> Iterator[None]:
    """Turn the status 400 into a rejection of the formatting.

    Raises:
        Rejected: if the receiver answered with it.
    """
    try:
        yield
    except NoAnswer as error:
        if error.status != 400:
            raise
        raise Rejected(str(error), status=error.status, is_formatting=True) from None


def read_field(body: bytes, name: str) -> str:
    """The first text, number, true or false of that name in JSON, which may be cut off; empty without one.

    A reply repeats the message that was sent, and is cut after 4 KB; what matters stands before that. Within
    a text quotes are escaped, so no text passes for a field.
    """
    found = re.search(rf'"{name}"\s*:\s*(?:"([^"\\]{{0,200}})"|(true|false|-?[0-9.]{{1,30}}))'.encode(), body)
    return (found[1] or found[2] or b"").decode(errors="replace") if found else ""


_ASCII = str.maketrans({
    "\u2212": "-", "\u2013": "-", "\u2014": "-", "\u00b7": "-", "\u2026": "...", "\u00a0": " ", "\u202f": " ",
    "\u25b2": "up", "\u25bc": "down", "\u2192": "->", "\u2018": "'", "\u2019": "'",
    "\u201c": '"', "\u201d": '"',
})  # fmt: skip


def list_lines(message: Message) -> list[str]:
    """The lines of a message, in ASCII alone where it is to be plain: a character may have been refused."""
    lines = [clean(line) for line in message.lines]
    if message.is_plain:
        lines = [line.translate(_ASCII).encode("ascii", "replace").decode() for line in lines]
    return [line for line in lines if line]


def list_parts(message: Message) -> tuple[str, list[str], list[str]]:
    """The same lines, apart: the first one, those of the card, and those of the detail."""
    first, *card = list_lines(replace(message, detail=()))
    return first, card, list_lines(message)[1 + len(card) :]


def join_parts(*parts: Sequence[str]) -> str:
    """The lines of the parts, with an empty line between two parts."""
    return "\n\n".join("\n".join(part) for part in parts if part)


def name_thread(message: Message) -> str:
    """What a message says of its thread where nothing can be edited: a follow-up names the first message.

    Empty for a first message whose card names the thread already.
    """
    if message.alert is None:
        return ""
    kind = "Alert" if message.severity else "Heads-up"
    if message.root is not None:
        return f"Follow-up to {kind.lower()} {message.thread}"
    return "" if message.thread in message.card else f"{kind} {message.thread}"


def escape_markup(text: str, room: int) -> str:
    """The text with `&`, `<` and `>` as entities, in at most `room` characters; no entity is cut."""
    length = room
    while len(escaped := _escape(cut_text(text, length))) > room:
        length -= max(1, (len(escaped) - room) // len("&amp;"))
    return escaped


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
