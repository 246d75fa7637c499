"""Mail servers on 127.0.0.1: one that speaks SMTP as it should (aiosmtpd), and one that follows a script."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes
from email.policy import default
from typing import TYPE_CHECKING, Any

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from email.message import EmailMessage

    from tests.kafka.certificates import Pair

USER, PASSWORD = "desk", "canary-of-the-mail-password"


@dataclass
class MailFake:
    """Takes messages; `refusals` answers recipients, and `says` a command (MAIL or DATA), instead of OK."""

    port: int = 0
    taken: list[tuple[list[str], bytes]] = field(default_factory=list)
    refusals: dict[str, str] = field(default_factory=dict)
    says: dict[str, str] = field(default_factory=dict)
    log_ins: list[bytes] = field(default_factory=list)

    @property
    def messages(self) -> list[EmailMessage]:
        """What arrived, as a mail program reads it."""
        return [message_from_bytes(data, policy=default) for _, data in self.taken]

    async def handle_MAIL(self, _server: Any, _session: Any, envelope: Any, address: str, _: Any) -> str:
        envelope.mail_from = address
        return self.says.get("MAIL", "250 OK")

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _: Any) -> str:
        if said := self.refusals.get(address):
            return said
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        if said := self.says.get("DATA"):
            return said
        self.taken.append((envelope.rcpt_tos, envelope.content))
        return "250 OK"

    def authenticate(self, _server: Any, _session: Any, _envelope: Any, _name: str, given: Any) -> AuthResult:
        assert isinstance(given, LoginPassword)
        self.log_ins.append(given.password)
        is_right = (given.login, given.password) == (USER.encode(), PASSWORD.encode())
        return AuthResult(success=is_right, handled=False)


@contextmanager
def serve_mail(
    own: Pair, *, starttls: bool = True, tls: bool = False, auth: bool = False
) -> Iterator[MailFake]:
    """A server that demands STARTTLS, or TLS from the first byte, or offers neither."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(own.both)
    fake, loop = MailFake(), asyncio.new_event_loop()

    def make() -> SMTP:
        return SMTP(
            fake,
            hostname="mail.example.org",
            tls_context=context if starttls else None,
            require_starttls=starttls,
            auth_required=auth,
            auth_require_tls=starttls,
            authenticator=fake.authenticate,
            loop=loop,
        )

    server = loop.run_until_complete(loop.create_server(make, "127.0.0.1", 0, ssl=context if tls else None))
    fake.port = server.sockets[0].getsockname()[1]
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield fake
    finally:
        loop.call_soon_threadsafe(server.close)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(20)
        loop.run_until_complete(_end_tasks())
        loop.close()


async def _end_tasks() -> None:
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for each in tasks:
        each.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


GREETING = b"220 mail.example.org\r\n"
TAKES: list[bytes | Callable[[socket.socket], None]] = [
    GREETING,
    b"250 mail.example.org\r\n",  # EHLO
    b"250 OK\r\n",  # MAIL
    b"250 OK\r\n",  # RCPT
    b"354 go ahead\r\n",  # DATA
]


@contextmanager
def serve_script(*steps: bytes | Callable[[socket.socket], None]) -> Iterator[tuple[int, list[bytes]]]:
    """A server that does one step after each command it hears, and then hangs; with what it heard."""
    heard: list[bytes] = []
    released = threading.Event()

    def serve() -> None:
        with suppress(OSError):
            made, _ = listening.accept()
            with made, made.makefile("rb") as commands:
                for number, step in enumerate(steps):
                    if number:
                        heard.append(_hear(commands, is_data=heard[-1:] == [b"data\r\n"]))
                    made.sendall(step) if isinstance(step, bytes) else step(made)
                released.wait(60)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listening.getsockname()[1], heard
        released.set()
        with suppress(OSError):  # wakes who accepts
            listening.shutdown(socket.SHUT_RDWR)
    thread.join(20)


def _hear(commands: Any, *, is_data: bool) -> bytes:
    line: bytes = commands.readline()
    if is_data:
        while line and not line.endswith(b"\r\n.\r\n"):
            more = commands.readline()
            line += more
            if not more:
                break
    return line


def reset(made: socket.socket) -> None:
    """Break the connection off, as a server that dies does."""
    made.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
    made.shutdown(socket.SHUT_RDWR)


def break_off(made: socket.socket) -> None:
    """Half of an answer, whose first half says yes."""
    made.sendall(b"250 O")
    reset(made)


def drip(made: socket.socket) -> None:
    """One byte now and then, for ever: no single read takes long."""
    pause = threading.Event()
    while not pause.wait(0.02):
        made.sendall(b"2")


def flood(made: socket.socket) -> None:
    """Lines of one answer, for ever."""
    while True:
        made.sendall(b"250-more\r\n" * 1000)
