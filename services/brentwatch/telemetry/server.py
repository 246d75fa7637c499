"""`/metrics`, `/livez` and `/readyz` of one service on one port.

Clients of the port cannot harm the service: a request has ten seconds in all and 16 kB, and of more than 32
connections the oldest is closed, so that a probe is always answered.
"""

import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from typing import Any, BinaryIO, Self

from prometheus_client import CollectorRegistry, Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from brentwatch.core.errors import SettingsError
from brentwatch.telemetry.health import Answer, Health

TEXT = "text/plain; charset=utf-8"
REQUEST_SECONDS = 10.0
MOST_CONNECTIONS = 32
MOST_BYTES = 16 << 10
"""Limit of a request: its first line and its headers."""
_LOOK_SECONDS = 0.1
_CLOSING_SECONDS = 1.0
"""How long a connection that was shut down may take to give its place to the next."""


class Server:
    """Answers probes and scrapes from a thread of its own while it is open; a context manager.

    Args:
        host: the address to bind, such as 127.0.0.1.
        port: the port to bind; 0 takes any free one.
        registry: the metrics to show.
        health: who knows whether the service is alive and ready.
        count: is called for each connection that is closed without an answer.

    Raises:
        SettingsError: if the port cannot be bound.
    """

    def __init__(
        self,
        host: str,
        port: int,
        registry: CollectorRegistry,
        health: Health,
        count: Callable[[], object] = lambda: None,
    ) -> None:
        try:
            self._server = _Listener((host, port), _make_handler(registry, health), count)
        except (OSError, UnicodeError) as error:  # UnicodeError: a label of the name is too long
            why = error.strerror if isinstance(error, OSError) and error.strerror else error
            raise SettingsError(
                f"port {port} of {host} cannot be used for metrics and health: {why}; expected a free port: "
                "stop the process that uses it, or set another port in telemetry.ports or another address in "
                "telemetry.host"
            ) from error
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(_LOOK_SECONDS,), name="health", daemon=True
        )
        self._thread.start()

    @property
    def port(self) -> int:
        """The port that is bound."""
        return self._server.server_port

    def close(self) -> None:
        """Stop answering and give the port back."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _Listener(ThreadingHTTPServer):
    """The server of the standard library, also on IPv6, without its question to the name service.

    That question, for the name of an address, may take seconds.

    Connections are accepted by one thread, which also shuts those down whose time is over; each is answered
    by a thread of its own, which gives its place back.
    """

    request_queue_size = 128  # with five, a probe waits seconds behind a flood of connections

    def __init__(
        self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler], count: Callable[[], object]
    ) -> None:
        self.address_family = _resolve_family(*address)
        self._count = count
        self._places = threading.Semaphore(MOST_CONNECTIONS)
        self._deadlines: dict[Any, float] = {}
        super().__init__(address, handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        if not self._places.acquire(blocking=False):
            for oldest in list(self._deadlines)[:1]:
                self._cut(oldest)
            if not self._places.acquire(timeout=_CLOSING_SECONDS):
                self._count()
                self.shutdown_request(request)
                return
        self._deadlines[request] = time.monotonic() + REQUEST_SECONDS
        try:
            super().process_request(request, client_address)
        except RuntimeError:  # there is no thread to be had
            self._leave(request)
            raise

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._leave(request)

    def _leave(self, request: Any) -> None:
        self._deadlines.pop(request, None)
        self._places.release()

    def get_request(self) -> tuple[Any, Any]:
        """The next connection; where none can be opened, for want of descriptors say, not at once again."""
        try:
            return super().get_request()
        except OSError:
            time.sleep(_LOOK_SECONDS)
            raise

    def service_actions(self) -> None:
        """Shut down connections whose time is over, whatever their thread waits for."""
        for request, deadline in list(self._deadlines.items()):
            if deadline < time.monotonic():
                self._cut(request)

    def _cut(self, request: Any) -> None:
        """End what is read from a connection and written to it, and count it; its thread closes it."""
        if self._deadlines.pop(request, None) is not None:
            self._count()
            with suppress(OSError):  # the other side was faster
                request.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A connection that breaks is the other side's affair; any other error is ours."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)

    def server_bind(self) -> None:
        if self.address_family == socket.AF_INET6 and socket.has_dualstack_ipv6():
            self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)  # :: is 0.0.0.0 as well
        TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])


class _Bounded:
    """The lines of a request, of which no more is read than `MOST_BYTES`."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._left = MOST_BYTES
        self.close: Callable[[], None] = file.close

    def readline(self, most: int) -> bytes:
        line = self._file.readline(min(most, self._left))
        self._left -= len(line)
        return line


def _resolve_family(host: str, port: int) -> socket.AddressFamily:
    """The address of a name, IPv4 if it has both.

    Raises:
        OSError: if it stands for nothing.
    """
    families = {found[0] for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}
    return socket.AF_INET if socket.AF_INET in families else socket.AF_INET6


def hide_creation_times(registry: CollectorRegistry) -> Collector:
    """The registry as a scrape sees it."""
    return _Shown(registry)


class _Shown(Collector):
    """A registry without the moments at which counters were created: nobody reads them, and they are many."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._registry = registry

    def collect(self) -> Iterator[Metric]:
        for family in self._registry.collect():
            family.samples = [sample for sample in family.samples if not sample.name.endswith("_created")]
            yield family


class _Connection(BaseHTTPRequestHandler):
    """One request, of bounded length; what it asks is nobody's log."""

    timeout = REQUEST_SECONDS

    def setup(self) -> None:
        super().setup()
        self.rfile: Any = _Bounded(self.rfile)

    def send_response(self, code: int, message: str | None = None) -> None:
        """Without the header Server: what answers here, and in which version, is nobody's concern."""
        self.send_response_only(code, message)
        self.send_header("Date", self.date_time_string())

    def log_message(self, *_: object) -> None:
        pass


def _make_handler(registry: CollectorRegistry, health: Health) -> type[BaseHTTPRequestHandler]:
    class Handler(_Connection):
        """Answers one request."""

        def do_GET(self) -> None:
            match self.path.partition("?")[0]:
                case "/metrics":
                    encode, kind = choose_encoder(self.headers.get("Accept", ""))
                    self._send(200, kind, encode(hide_creation_times(registry)))
                case "/livez":
                    self._send_answer(health.check_liveness())
                case "/readyz":
                    self._send_answer(health.check_readiness())
                case _:
                    self._send(404, TEXT, b"/metrics, /livez and /readyz are here\n")

        def do_HEAD(self) -> None:
            self.do_GET()

        def _send_answer(self, answer: Answer) -> None:
            self._send(200 if answer.well else 503, TEXT, f"{answer.detail}\n".encode())

        def _send(self, status: int, kind: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

    return Handler
