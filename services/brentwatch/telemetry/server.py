"""`/metrics`, `/livez` and `/readyz` of one service on one port."""

from __future__ import annotations

import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from typing import TYPE_CHECKING, Self

from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from brentwatch.core.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prometheus_client import CollectorRegistry, Metric

    from brentwatch.telemetry.health import Answer, Health

TEXT = "text/plain; charset=utf-8"
_REQUEST_SECONDS = 10
_STOP_SECONDS = 0.1


class Server:
    """Answers probes and scrapes from a thread of its own while it is open; a context manager.

    Args:
        host: the address to bind, such as 127.0.0.1.
        port: the port to bind; 0 takes any free one.
        registry: the metrics to show.
        health: who knows whether the service is alive and ready.

    Raises:
        SettingsError: if the port cannot be bound.
    """

    def __init__(self, host: str, port: int, registry: CollectorRegistry, health: Health) -> None:
        try:
            self._server = _Listener((host, port), _handler(registry, health))
        except (OSError, UnicodeError) as error:  # UnicodeError: a label of the name is too long
            why = error.strerror if isinstance(error, OSError) and error.strerror else error
            raise SettingsError(
                f"port {port} of {host} cannot be used for metrics and health: {why}; expected a free port "
                "of this machine: end the process that holds it, or set another in telemetry.ports, or "
                "another address in telemetry.host"
            ) from error
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(_STOP_SECONDS,), name="health", daemon=True
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
    """

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler]) -> None:
        self.address_family = _family(*address)
        super().__init__(address, handler)

    def server_bind(self) -> None:
        if self.address_family == socket.AF_INET6 and socket.has_dualstack_ipv6():
            self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)  # :: is 0.0.0.0 as well
        TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])


def _family(host: str, port: int) -> socket.AddressFamily:
    """Of what a name stands for, IPv4 where it has both.

    Raises:
        OSError: if it stands for nothing.
    """
    families = {found[0] for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}
    return socket.AF_INET if socket.AF_INET in families else socket.AF_INET6


def shown(registry: CollectorRegistry) -> Collector:
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


def _handler(registry: CollectorRegistry, health: Health) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        """Answers one request; what it is asked is nobody's log."""

        timeout = _REQUEST_SECONDS

        def do_GET(self) -> None:
            match self.path.partition("?")[0]:
                case "/metrics":
                    encode, kind = choose_encoder(self.headers.get("Accept", ""))
                    self._send(200, kind, encode(shown(registry)))
                case "/livez":
                    self._send_answer(health.liveness())
                case "/readyz":
                    self._send_answer(health.readiness())
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

        def log_message(self, *_: object) -> None:
            pass

    return Handler
