"""What can go wrong with an answer, and the reason by which it is counted: the same for feeds and prices."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.web.stub import Answer, send

from brentwatch.web.failures import Reason

if TYPE_CHECKING:
    from collections.abc import Callable
    from http.server import BaseHTTPRequestHandler

    from tests.web.stub import Stub, Trouble

RETRY_AFTER_SECONDS = 77


def status(code: int, **headers: str) -> Trouble:
    """Answer with a status and a page for people."""

    def trouble(handler: BaseHTTPRequestHandler, _: Answer) -> None:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        send(handler, Answer(b"<html>no</html>", code, named))

    return trouble


def html(handler: BaseHTTPRequestHandler, _: Answer) -> None:
    """A page that asks to log in, with status 200, as the gate of a hotel's network has it."""
    send(handler, Answer(b"<!DOCTYPE html><html><title>Welcome</title></html>"))


def nothing(handler: BaseHTTPRequestHandler, _: Answer) -> None:
    """Status 200, and not a byte."""
    send(handler, Answer())


def cut(handler: BaseHTTPRequestHandler, answer: Answer) -> None:
    """Half of what was announced."""
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(answer.body) + 1))
    handler.end_headers()
    handler.wfile.write(answer.body[: len(answer.body) // 2])


def slow(stub: Stub) -> Trouble:
    """A byte now and then, for ever: no single read takes long."""

    def trouble(handler: BaseHTTPRequestHandler, _: Answer) -> None:
        handler.send_response(200)
        handler.end_headers()
        while not stub.released.wait(0.02):
            handler.wfile.write(b" ")

    return trouble


def slow_headers(stub: Stub) -> Trouble:
    """As `slow`, before the body has begun."""

    def trouble(handler: BaseHTTPRequestHandler, _: Answer) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
        while not stub.released.wait(0.02):
            handler.wfile.write(b"x")

    return trouble


def raw_drip(stub: Stub, head: bytes, drip: bytes) -> Trouble:
    """The head at once, then the same bytes now and then, for ever."""

    def trouble(handler: BaseHTTPRequestHandler, _: Answer) -> None:
        handler.wfile.write(head)
        while not stub.released.wait(0.02):
            handler.wfile.write(drip)

    return trouble


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


def hang(stub: Stub) -> Trouble:
    """Take the request and say nothing."""

    def trouble(_: BaseHTTPRequestHandler, __: Answer) -> None:
        stub.released.wait(120)

    return trouble


def elsewhere(_: Stub) -> Trouble:
    """A redirection to another server."""
    return status(302, Location="http://127.0.0.1:1/elsewhere")


TROUBLES: dict[str, tuple[Callable[[Stub], Trouble], Reason]] = {
    "401": (lambda _: status(401), Reason.REFUSED),
    "403": (lambda _: status(403), Reason.REFUSED),
    "404": (lambda _: status(404), Reason.MISSING),
    "429": (lambda _: status(429, Retry_After=str(RETRY_AFTER_SECONDS)), Reason.THROTTLED),
    "500": (lambda _: status(500), Reason.FAILED),
    "503": (lambda _: status(503), Reason.FAILED),
    "HTML": (lambda _: html, Reason.GARBLED),
    "nothing": (lambda _: nothing, Reason.GARBLED),
    "cut off": (lambda _: cut, Reason.UNREACHABLE),
    "slow bytes": (slow, Reason.TIMEOUT),
    "slow headers": (slow_headers, Reason.TIMEOUT),
    "a slow size of a chunk": (lambda stub: raw_drip(stub, CHUNKED, b"0"), Reason.TIMEOUT),
    "a slow chunk": (lambda stub: raw_drip(stub, CHUNKED + b"ff\r\n", b" "), Reason.TIMEOUT),
    "a slow trailer": (lambda stub: raw_drip(stub, CHUNKED + b"0\r\nX-Long: ", b"x"), Reason.TIMEOUT),
    "a body that hangs": (
        lambda stub: raw_drip(stub, b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx", b""),
        Reason.TIMEOUT,
    ),
    "a status that never ends": (
        lambda stub: raw_drip(stub, b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        Reason.TIMEOUT,
    ),
    "a hang": (hang, Reason.TIMEOUT),
    "a redirect": (elsewhere, Reason.REDIRECTED),
}
"""What an answer may be instead of itself, and the reason that each must end in."""
