"""A web server on this machine that speaks as a feed or a provider does, and misbehaves as it is told."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import parse_qs, urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Asked:
    """One request; `target` is its path with the query, as it came, and `body` what was sent with it."""

    target: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    form: Mapping[str, str]
    body: bytes
    method: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What is sent back."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


Trouble = Callable[[BaseHTTPRequestHandler, Answer], None]
"""Sends something else than the answer."""


class Stub:
    """Answers with `routes`, and once asked `well_for` times as its `trouble`; keeps what was asked."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.trouble: Trouble | None = None
        self.well_for = 0
        self.released = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def routes(self, asked: Asked) -> Answer:
        """The answer of one that is well."""
        return Answer(status=404)

    def encrypt(self, certificate: Path) -> None:
        """Speak TLS from now on, with the certificate and key in a file."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.url = self.url.replace("http:", "https:")

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.leave()

    def leave(self) -> None:
        """Answer nothing from now on, and refuse every connection."""
        self.released.set()
        self._server.shutdown()
        self._server.server_close()


def _handler(stub: Stub) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.do_POST()

        def do_PUT(self) -> None:
            self.do_POST()

        def do_PATCH(self) -> None:
            self.do_POST()

        def do_DELETE(self) -> None:
            self.do_POST()

        def do_POST(self) -> None:
            parts = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            headers, form = dict(self.headers), _flat(body.decode(errors="replace"))
            asked = Asked(self.path, parts.path, _flat(parts.query), headers, form, body, self.command)
            stub.asked.append(asked)
            answer = stub.routes(asked)
            stub.well_for -= 1
            with suppress(OSError):  # who asked has gone
                (send if stub.trouble is None or stub.well_for >= 0 else stub.trouble)(self, answer)

        def log_message(self, *_: Any) -> None: ...

    return Handler


def _flat(text: str) -> dict[str, str]:
    return {name: values[-1] for name, values in parse_qs(text, keep_blank_values=True).items()}


def send(handler: BaseHTTPRequestHandler, answer: Answer) -> None:
    """Send an answer as it is."""
    handler.send_response(answer.status)
    for name, value in {"Content-Length": str(len(answer.body)), **answer.headers}.items():
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(answer.body)
