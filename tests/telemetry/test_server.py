"""Probes and scrapes over a real socket."""

from __future__ import annotations

import socket
import struct
import threading
import time
from contextlib import ExitStack, contextmanager, suppress
from http.client import HTTPConnection
from typing import TYPE_CHECKING

import pytest
from prometheus_client import CollectorRegistry
from pydantic import ValidationError

from brentwatch.core.errors import SettingsError
from brentwatch.telemetry import table
from brentwatch.telemetry.health import Health
from brentwatch.telemetry.metrics import Metrics
from brentwatch.telemetry.probe import probe
from brentwatch.telemetry.server import MOST_CONNECTIONS, Server
from brentwatch.telemetry.settings import TelemetrySettings

if TYPE_CHECKING:
    from collections.abc import Iterator

LIMIT = 30.0


class Clock:
    """A clock that goes when it is told."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@contextmanager
def serving(health: Health | None = None, host: str = "127.0.0.1") -> Iterator[Server]:
    registry = CollectorRegistry()
    metrics = Metrics(registry, "screen")
    metrics.count(table.REBALANCES)
    count = metrics.bind_counter(table.PROBES_CUT_OFF)
    with Server(host, 0, registry, health or Health(LIMIT), count) as server:
        yield server


def ask(
    server: Server, path: str, method: str = "GET", accept: str = "*/*", host: str = "127.0.0.1"
) -> tuple[int, str, str]:
    connection = HTTPConnection(host, server.port, timeout=10)
    try:
        connection.request(method, path, headers={"Accept": accept})
        answer = connection.getresponse()
        return answer.status, answer.headers["Content-Type"], answer.read().decode()
    finally:
        connection.close()


def test_metrics_are_shown_in_the_form_that_is_asked_for() -> None:
    with serving() as server:
        status, kind, text = ask(server, "/metrics")
        _, open_kind, open_text = ask(
            server, "/metrics", accept="application/openmetrics-text; version=1.0.0"
        )

    assert status == 200
    assert kind.startswith("text/plain; version=0.0.4")
    assert "\nbrentwatch_rebalances_total 1.0\n" in text
    assert open_kind.startswith("application/openmetrics-text")
    assert open_text.endswith("# EOF\n")
    assert "_created" not in text + open_text


def has_ipv6() -> bool:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True


needs_ipv6 = pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6")


@needs_ipv6
@pytest.mark.parametrize(
    ("host", "answering"),
    [
        ("::1", ["::1"]),
        ("::", ["::1", "127.0.0.1"]),
        ("0.0.0.0", ["127.0.0.1"]),  # noqa: S104 - for as long as a test
        ("localhost", ["127.0.0.1"]),
    ],
)
def test_an_address_of_either_family_is_bound_and_probed(host: str, answering: list[str]) -> None:
    health = Health(LIMIT)
    with serving(health, host) as server:
        assert [ask(server, "/readyz", host=each)[0] for each in answering] == [503] * len(answering)
        assert probe([server.port]) == f"port {server.port}: starting"
        health.mark_ready("restored")
        assert probe([server.port]) is None


@pytest.mark.parametrize(
    "host", ["::1", "::", "[::1]", "fe80::1%eth0", "10.0.0.1", "monitor-0.brentwatch.svc"]
)
def test_an_address_or_a_name_is_a_host(host: str) -> None:
    assert TelemetrySettings(host=host).host == host.strip("[]")


@pytest.mark.parametrize(
    "host", ["", "[::1", "::1]", "1.2.3", "::1:9471:", "http://a", "a:9471", "a b", "a/b"]
)
def test_anything_else_is_no_host(host: str) -> None:
    with pytest.raises(ValidationError, match=r"an address such as 127.0.0.1, 0.0.0.0, ::1 or ::"):
        TelemetrySettings(host=host)


def test_a_name_that_stands_for_nothing_is_a_fault_of_the_settings() -> None:
    with pytest.raises(
        SettingsError, match=r"port 0 of nowhere.invalid cannot be used for metrics and health"
    ):
        Server("nowhere.invalid", 0, CollectorRegistry(), Health(LIMIT))


def test_a_service_is_alive_while_it_makes_progress() -> None:
    clock = Clock()
    health = Health(LIMIT, clock)
    with serving(health) as server:
        clock.now += LIMIT
        assert ask(server, "/livez")[::2] == (200, "last progress 30 s ago; limit 30 s\n")
        clock.now += 1
        assert ask(server, "/livez")[::2] == (503, "last progress 31 s ago; limit 30 s\n")
        health.beat()
        assert ask(server, "/livez")[0] == 200


def test_a_service_is_ready_when_it_says_so() -> None:
    health = Health(LIMIT)
    with serving(health) as server:
        assert ask(server, "/readyz")[::2] == (503, "starting\n")
        health.mark_ready("ready")
        assert ask(server, "/readyz")[::2] == (200, "ready\n")
        health.mark_unready("restoring partition 0")
        assert ask(server, "/readyz")[::2] == (503, "restoring partition 0\n")


def test_a_head_request_gets_no_body_and_another_path_is_not_found() -> None:
    with serving() as server:
        assert ask(server, "/livez", method="HEAD")[::2] == (200, "")
        assert ask(server, "/secrets")[0] == 404
        assert ask(server, "/livez", method="POST")[0] == 501


def test_only_the_address_that_was_told_is_bound() -> None:
    with serving() as server, pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.2", server.port), timeout=5).close()


def test_a_port_in_use_is_a_fault_of_the_settings() -> None:
    with serving() as server, pytest.raises(SettingsError) as caught:
        Server("127.0.0.1", server.port, CollectorRegistry(), Health(LIMIT))

    assert f"port {server.port} of 127.0.0.1 cannot be used for metrics and health: Address already" in str(
        caught.value
    )


def test_the_port_is_given_back() -> None:
    with serving() as server:
        port = server.port

    Server("127.0.0.1", port, CollectorRegistry(), Health(LIMIT)).close()


def test_the_probe_of_a_container_finds_the_service_that_is_there() -> None:
    health = Health(LIMIT)
    with serving(health) as server, socket.create_server(("127.0.0.1", 0)) as unused:
        closed = unused.getsockname()[1]
        unused.close()
        assert probe([closed]) == "nothing answers"
        assert probe([closed, server.port]) == f"port {server.port}: starting"
        health.mark_ready("restored")
        assert probe([closed, server.port]) is None


def slow(server: Server) -> socket.socket:
    """A connection whose request never ends."""
    connection = socket.create_connection(("127.0.0.1", server.port), timeout=60)
    connection.sendall(b"GET /metrics HTTP/1.1\r\nX: ")
    return connection


def is_closed(connection: socket.socket) -> bool:
    try:
        return connection.recv(1) == b""
    except OSError:
        return True


def cut_off(server: Server) -> int:
    text = ask(server, "/metrics")[2]
    (line,) = [each for each in text.splitlines() if each.startswith("brentwatch_probes_cut_off_total ")]
    return int(float(line.split()[1]))


@pytest.mark.attack
def test_a_probe_is_answered_beside_as_many_slow_connections_as_there_are() -> None:
    with serving() as server, ExitStack() as opened:
        begun = threading.active_count()
        held = [opened.enter_context(slow(server)) for _ in range(4 * MOST_CONNECTIONS)]
        assert ask(server, "/livez")[0] == 200
        assert threading.active_count() - begun < 2 * MOST_CONNECTIONS  # some are just ending
        assert all(is_closed(each) for each in held[: 3 * MOST_CONNECTIONS])
        assert cut_off(server) >= 3 * MOST_CONNECTIONS


@pytest.mark.attack
def test_a_request_has_one_deadline_however_steadily_it_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving() as server:
        with monkeypatch.context() as hasty:
            hasty.setattr("brentwatch.telemetry.server.REQUEST_SECONDS", 0.3)
            with slow(server) as dripping, suppress(OSError):
                sent = 0
                while sent < 10_000:
                    sent += dripping.send(b"x")
                    time.sleep(0.01)
        assert sent < 10_000
        assert cut_off(server) == 1


@pytest.mark.attack
def test_an_endless_request_is_read_to_its_limit() -> None:
    with serving() as server, slow(server) as greedy:
        sent = 0
        with suppress(OSError):
            while sent < 64 << 20:
                sent += greedy.send(b"x" * 65536 + b"\r\nX: ")
        assert sent < 64 << 20
        assert ask(server, "/livez")[0] == 200


@pytest.mark.attack
def test_an_answer_does_not_say_what_gives_it() -> None:
    with serving() as server:
        for request in (b"GET /livez HTTP/1.1", b"GET /nothing HTTP/1.1", b"POST / HTTP/1.1", b"nonsense"):
            with socket.create_connection(("127.0.0.1", server.port), timeout=60) as connection:
                connection.sendall(request + b"\r\n\r\n")
                answer = b"".join(iter(lambda: connection.recv(4096), b""))
            assert answer
            assert b"server:" not in answer.lower()
            assert b"python" not in answer.lower()


@pytest.mark.attack
def test_a_connection_that_breaks_is_not_told(capfd: pytest.CaptureFixture[str]) -> None:
    with serving() as server:
        for _ in range(3):
            connection = socket.create_connection(("127.0.0.1", server.port), timeout=60)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            connection.sendall(b"GET /metrics HTTP/1.1\r\n\r\n" * 100)
            connection.close()  # with a reset
        assert ask(server, "/livez")[0] == 200
    assert capfd.readouterr().err == ""
