"""The channel `email`: one message to all recipients, as text and as HTML with the chart in it.

A revision answers the first message of its thread (`In-Reply-To`), so mail programs show them together.
"""

import re
from datetime import UTC, datetime
from email.header import Header
from email.utils import format_datetime
from hashlib import sha256

from brentwatch.core.errors import SettingsError, Unavailable
from brentwatch.notify.channels.email_settings import EmailSettings
from brentwatch.notify.http_receiver import list_parts
from brentwatch.notify.mail_body import write_body
from brentwatch.notify.messages import Message, Receipt, Rejected, Revisions
from brentwatch.web.addresses import AllowedHosts
from brentwatch.web.failures import NoAnswer, Reason
from brentwatch.web.mailing import MailAnswer, MailServer

_MESSAGE_ID = re.compile(r"<[!-;=?-~]{1,900}>")
_TOO_LARGE = 552
_OF_CONTENT = re.compile(r"5\.6\.\d+|5\.3\.4|5\.2\.3")  # its form or its size: plain text may be taken
_FOR_GOOD = (Reason.CERTIFICATE, Reason.REFUSED, Reason.GARBLED)


class Email:
    """Sends each message in a conversation of its own."""

    revisions = Revisions.FOLLOW_UP
    shows_chart = True

    def __init__(self, server: MailServer, sender: str, to: tuple[str, ...]) -> None:
        self._server, self._sender, self._to = server, sender, to

    def send(self, message: Message) -> Receipt:
        """See `Channel`: accepted when the server took it for at least one recipient."""
        own_id = self._build_message_id(message.id)
        try:
            answer = self._server.send(self._sender, self._to, self._write(message, own_id))
        except NoAnswer as error:
            raise (Rejected(str(error)) if error.reason in _FOR_GOOD else error) from None
        return _build_receipt(own_id, answer)

    def _build_message_id(self, message_id: str) -> str:
        """The same for each copy, so that mail programs show one."""
        digest = sha256(message_id.encode(errors="replace")).hexdigest()[:40]
        return f"<{digest}@{self._sender.rpartition('@')[2]}>"

    def _write(self, message: Message, own_id: str) -> bytes:
        headers = {
            "From": self._sender,
            "To": ",\r\n ".join(self._to),
            # All of it encoded: EmailMessage would decode what looks encoded in foreign text.
            "Subject": Header(list_parts(message)[0], "utf-8", header_name="Subject").encode(linesep="\r\n"),
            "Date": format_datetime(datetime.now(UTC)),
            "Message-ID": own_id,
            "Auto-Submitted": "auto-generated",
        }
        if message.root and _MESSAGE_ID.fullmatch(message.root):
            headers |= {"In-Reply-To": message.root, "References": message.root}
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        return head.encode("ascii") + write_body(message).as_bytes()


def _build_receipt(own_id: str, answer: MailAnswer) -> Receipt:
    refused = "; ".join(f"{to} was refused ({code})" for to, code in answer.refused.items())
    if answer.code < 400:
        return Receipt(own_id, answer.code, refused)
    said = f"the mail server answers {answer.code} {answer.enhanced} {refused}".rstrip()
    if answer.code < 500:
        raise Unavailable(f"{said}; it is asked again later")
    is_formatting = answer.code == _TOO_LARGE or bool(_OF_CONTENT.fullmatch(answer.enhanced))
    said = f"{said}; check user, password, sender and to in the settings"
    raise Rejected(said, status=answer.code, is_formatting=is_formatting)


def open_channel(settings: EmailSettings) -> Email:
    """The channel as the settings want it.

    Raises:
        SettingsError: if they cannot work.
    """
    if missing := settings.list_missing():
        raise SettingsError(*missing)
    server = MailServer(
        *settings.host_and_port,
        security=settings.security,
        user=settings.user,
        password=settings.secret,
        timeout_seconds=settings.timeout_seconds,
        ca_file=settings.ca_file,
        hosts=AllowedHosts(settings.hosts, "notify.email.hosts"),
    )
    server.check()
    return Email(server, settings.sender, settings.to)
