"""A token endpoint on this machine, which answers as it is told."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import parse_qs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SECRET = "open sesame"
Answer = tuple[int, bytes]


@dataclass(frozen=True, slots=True)
class Asked:
    """One request for a token."""

    authorization: str
    form: dict[str, list[str]]


class TokenEndpoint:
    """Answers every request with `answer`, sends it to `location` if told, and keeps what was asked."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.location = ""
        self.answer: Callable[[Asked], Answer] = lambda _: (404, b"")
        self._speaking = threading.Event()
        self._speaking.set()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.url = f"http://127.0.0.1:{self._server.server_port}/token"

    def answers(self, status: int, **document: Any) -> None:
        """Answer with a document from now on."""
        body = json.dumps(document).encode()
        self.answer = lambda _: (status, body)

    def take(self, asked: Asked) -> Answer:
        """The answer to one request."""
        self.asked.append(asked)
        self._speaking.wait()
        return self.answer(asked)

    @contextmanager
    def silent(self) -> Iterator[None]:
        """Take requests and answer none of them."""
        self._speaking.clear()
        yield
        self._speaking.set()

    def __enter__(self) -> Self:
        serving = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        serving.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._speaking.set()
        self._server.shutdown()
        self._server.server_close()


def _handler(endpoint: TokenEndpoint) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.do_POST()

        def do_POST(self) -> None:
            form = self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode()
            status, body = endpoint.take(Asked(self.headers.get("Authorization", ""), parse_qs(form)))
            try:
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                if endpoint.location:
                    self.send_header("Location", endpoint.location)
                self.end_headers()
                self.wfile.write(body)
            except OSError:  # who asked has gone
                return

        def log_message(self, *_: Any) -> None: ...

    return Handler
