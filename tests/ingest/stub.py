"""A web server on this machine that speaks as a feed does, and misbehaves as it is told."""

from __future__ import annotations

import threading
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import parse_qs, urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


@dataclass(frozen=True, slots=True)
class Asked:
    """One request."""

    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    form: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Answer:
    """What is sent back."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


class Stub:
    """Answers with `routes`, unless a `trouble` is set; keeps what was asked."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.trouble: Callable[[BaseHTTPRequestHandler, Answer], None] | None = None
        self.released = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def routes(self, asked: Asked) -> Answer:
        """The answer of one that is well."""
        return Answer(status=404)

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.released.set()
        self._server.shutdown()
        self._server.server_close()


def _handler(stub: Stub) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.do_POST()

        def do_POST(self) -> None:
            parts = urlsplit(self.path)
            form = self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode()
            asked = Asked(parts.path, _flat(parts.query), dict(self.headers), _flat(form))
            stub.asked.append(asked)
            answer = stub.routes(asked)
            with suppress(OSError):  # who asked has gone
                (stub.trouble or send)(self, answer)

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


def status(code: int, **headers: str) -> Callable[[BaseHTTPRequestHandler, Answer], None]:
    """Answer with a status and a page for people."""

    def trouble(handler: BaseHTTPRequestHandler, _: Answer) -> None:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        send(handler, Answer(b"<html>no</html>", code, named))

    return trouble


def html(handler: BaseHTTPRequestHandler, _: Answer) -> None:
    """A page that asks to log in, with status 200, as the gate of a hotel's network has it."""
    send(handler, Answer(b"<!DOCTYPE html><html><title>Welcome</title></html>"))


def cut(handler: BaseHTTPRequestHandler, answer: Answer) -> None:
    """Half of what was announced."""
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(answer.body) + 1))
    handler.end_headers()
    handler.wfile.write(answer.body[: len(answer.body) // 2])


def slow(stub: Stub) -> Callable[[BaseHTTPRequestHandler, Answer], None]:
    """A byte now and then, for ever: no single read takes long."""

    def trouble(handler: BaseHTTPRequestHandler, _: Answer) -> None:
        handler.send_response(200)
        handler.end_headers()
        while not stub.released.wait(0.02):
            handler.wfile.write(b" ")

    return trouble


def slow_headers(stub: Stub) -> Callable[[BaseHTTPRequestHandler, Answer], None]:
    """As `slow`, before the body has begun."""

    def trouble(handler: BaseHTTPRequestHandler, _: Answer) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
        while not stub.released.wait(0.02):
            handler.wfile.write(b"x")

    return trouble


def hang(stub: Stub) -> Callable[[BaseHTTPRequestHandler, Answer], None]:
    """Take the request and say nothing."""

    def trouble(_: BaseHTTPRequestHandler, __: Answer) -> None:
        stub.released.wait(30)

    return trouble
