"""Over TLS too a server that drips is broken off, also in the handshake; a stranger is refused."""

from __future__ import annotations

import socket
import ssl
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import pytest
from tests.kafka.certificates import self_signed
from tests.web.troubles import CHUNKED

from brentwatch.web.failures import NoAnswer, Reason
from brentwatch.web.fetching import Fetcher

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.kafka.certificates import Pair


@contextmanager
def server(
    own: Pair, head: bytes, drip: bytes, *, encrypted: bool = True, heard: list[str | bytes] | None = None
) -> Iterator[str]:
    """Sends the head and then the same bytes for ever, to one client; `heard` is its name and its request."""
    told = [] if heard is None else heard
    released = threading.Event()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(own.both)
    context.sni_callback = lambda _socket, name, _context: told.append(name or "")

    def serve() -> None:
        with suppress(OSError):
            made, _ = listening.accept()
            with made, context.wrap_socket(made, server_side=True) if encrypted else made as client:
                if encrypted:
                    told.append(client.recv(4096))
                client.sendall(head)
                while not released.wait(0.02):
                    client.sendall(drip)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"https://127.0.0.1:{listening.getsockname()[1]}/"
        released.set()
    thread.join(20)


def failed(fetcher: Fetcher, url: str) -> NoAnswer:
    with pytest.raises(NoAnswer) as caught:
        fetcher.get(url)
    return caught.value


@pytest.mark.slow
@pytest.mark.attack
@pytest.mark.parametrize(
    ("head", "drip"),
    [
        (b"HTTP/1.1 200 OK\r\nX-Long: ", b"x"),
        (CHUNKED, b"0"),
        (CHUNKED + b"0\r\nX-Long: ", b"x"),
        (b"HTTP/1.1 200 OK\r\n\r\n", b" "),
    ],
    ids=["headers", "size of a chunk", "trailer", "body"],
)
def test_a_server_that_drips_over_tls_is_broken_off(tmp_path: Path, head: bytes, drip: bytes) -> None:
    own = self_signed(tmp_path, "server")
    with server(own, head, drip) as url:
        assert failed(Fetcher(1.0, ca_file=str(own.certificate)), url).reason is Reason.TIMEOUT


@pytest.mark.slow
@pytest.mark.attack
def test_a_server_that_drips_a_handshake_is_broken_off(tmp_path: Path) -> None:
    own = self_signed(tmp_path, "server")
    record = b"\x16\x03\x03\x40\x00\x02\x00\x3f\xfc"  # a hello of 16 kB, which never comes whole
    with server(own, record, b"\x00", encrypted=False) as url:
        assert failed(Fetcher(1.0, ca_file=str(own.certificate)), url).reason is Reason.TIMEOUT


def test_a_server_that_nobody_vouches_for_is_refused(tmp_path: Path) -> None:
    own = self_signed(tmp_path, "server")
    with server(own, b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", b"") as url:
        error = failed(Fetcher(20.0), url)
    assert error.reason is Reason.CERTIFICATE
    assert "CERTIFICATE_VERIFY_FAILED" in str(error)


def test_a_handshake_that_fails_for_another_reason_than_the_certificate_may_work_later(
    tmp_path: Path,
) -> None:
    with server(self_signed(tmp_path, "server"), b"220 no TLS here\r\n", b"", encrypted=False) as url:
        assert failed(Fetcher(20.0), url).reason is Reason.UNREACHABLE


def test_a_server_whose_certificate_is_trusted_is_heard(tmp_path: Path) -> None:
    own = self_signed(tmp_path, "server")
    with server(own, b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", b"") as url:
        assert Fetcher(20.0, ca_file=str(own.certificate)).get(url) == b"ok"


@pytest.mark.attack
def test_a_name_is_resolved_once_and_speaks_to_the_address_that_was_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that leads elsewhere when it is asked again (DNS rebinding) is not asked again."""
    own = self_signed(tmp_path, "server", "subjectAltName=DNS:alerts.example.org")
    answers = iter(["127.0.0.1", "169.254.169.254"])
    heard: list[str | bytes] = []

    def resolve(host: str, port: int, **_: object) -> list[object]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), port))]

    with server(own, b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", b"", heard=heard) as url:
        monkeypatch.setattr(socket, "getaddrinfo", resolve)
        named = url.replace("127.0.0.1", "alerts.example.org")
        assert Fetcher(20.0, ca_file=str(own.certificate)).send("POST", named, b"{}").body == b"ok"
    assert next(answers) == "169.254.169.254"
    name, request = heard
    assert name == "alerts.example.org"
    assert isinstance(request, bytes)
    assert f"Host: {named.split('/')[2]}\r\n".encode() in request
