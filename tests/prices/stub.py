"""A web site on this machine that answers as it is told: well, wrongly, slowly, or not at all."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

_DRIP_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Answer:
    """What is sent: by the byte where it drips, without its end where it breaks off, never where it hangs."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    drips: bool = False
    breaks_off: bool = False
    hangs: bool = False


class Stub:
    """Answers every request with what `answer` gives for its path and query, and keeps what was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.answer: Callable[[str], Answer] = lambda _: Answer(status=404)
        self._over = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def always(self, answer: Answer) -> None:
        """Answer so from now on."""
        self.answer = lambda _: answer

    def waits(self) -> bool:
        """Wait a little; True when the stub is over."""
        return self._over.wait(_DRIP_SECONDS)

    @contextmanager
    def running(self) -> Iterator[Stub]:
        """Answer for as long as the context is open."""
        serving = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        serving.start()
        try:
            yield self
        finally:
            self.leave()

    def leave(self) -> None:
        """Answer nothing from now on, and refuse every connection."""
        self._over.set()
        self._server.shutdown()
        self._server.server_close()


def _handler(stub: Stub) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            stub.asked.append(self.path)
            answer = stub.answer(self.path)
            try:
                self._hang() if answer.hangs else self._send(answer)
            except OSError:  # who asked has gone
                return

        def _hang(self) -> None:
            while not stub.waits():
                pass

        def _send(self, answer: Answer) -> None:
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            for part in _parts(answer):
                self.wfile.write(part)
                self.wfile.flush()
                if answer.drips and stub.waits():
                    return

        def log_message(self, *_: Any) -> None: ...

    return Handler


def _parts(answer: Answer) -> Iterator[bytes]:
    if not answer.drips:
        yield answer.body[:-9] if answer.breaks_off else answer.body
        return
    for at in range(len(answer.body)):
        yield answer.body[at : at + 1]
