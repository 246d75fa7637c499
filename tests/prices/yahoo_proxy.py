"""A proxy that ends TLS itself and answers as Yahoo does: nothing of the library or of ours is changed."""

from __future__ import annotations

import socketserver
import ssl
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from io import BufferedIOBase

    from tests.kafka.certificates import Pair

NAMES = "subjectAltName=DNS:*.yahoo.com,DNS:*.finance.yahoo.com"


@contextmanager
def proxy(pair: Pair, chart: Callable[[str], bytes]) -> Iterator[tuple[str, list[str]]]:
    """Where it listens, and the lines of the requests that came through it.

    `chart` gives the answer to the line of a request for a chart.
    """
    asked: list[str] = []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pair.certificate, pair.key)

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self._head(self.rfile)
            self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            with suppress(OSError), context.wrap_socket(self.request, server_side=True) as inside:
                asked.append(self._head(inside.makefile("rb")))
                line = asked[-1]
                body, status = (chart(line), "200 OK") if "/chart/" in line else (b"", "404 Not Found")
                head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
                inside.sendall(head.encode() + body)

        @staticmethod
        def _head(stream: BufferedIOBase) -> str:
            """The first line of a request, once all its headers are read."""
            first, *_ = iter(stream.readline, b"\r\n")
            return first.decode().strip()

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}", asked
        server.shutdown()
