"""One request over HTTP, limited in time and in bytes; redirections are not followed.

The standard library is enough: what is wanted beyond it, a limit of time on the whole answer, no common
client has either. A socket's timeout begins anew with each byte, so a server that drips would hold us for
ever."""

from __future__ import annotations

import re
import socket
import ssl
import threading
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError
from urllib.parse import urlencode, urlsplit
from urllib.request import (
    HTTPHandler,
    HTTPRedirectHandler,
    HTTPSHandler,
    OpenerDirector,
    ProxyHandler,
    Request,
    build_opener,
)

from brentwatch import __version__
from brentwatch.web.faults import NoAnswer, Reason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from http.client import HTTPResponse

_CHUNK = 1 << 16
_AGENT = f"brentwatch/{__version__}"
_LONGEST_RETRY_SECONDS = 24 * 3600.0
_REASONS = {
    401: Reason.REFUSED,
    403: Reason.REFUSED,
    404: Reason.MISSING,
    410: Reason.MISSING,
    429: Reason.THROTTLED,
}


@dataclass(frozen=True, slots=True)
class Fetcher:
    """Asks with `timeout_seconds` for the whole answer and `largest_bytes` at most.

    What comes meanwhile is told to `beat`.
    """

    timeout_seconds: float = 30.0
    largest_bytes: int = 64 << 20
    beat: Callable[[], object] = lambda: None

    def get(self, url: str, headers: Mapping[str, str] | None = None) -> bytes:
        """The body of the answer.

        Raises:
            NoAnswer: if there is none, in time and of that size, with status 200 or 206.
        """
        return self._ask(Request(url, headers=_headers(headers)))  # noqa: S310 - http(s), as the settings saw to

    def post_form(self, url: str, form: Mapping[str, str]) -> bytes:
        """The body of the answer to a form. What was sent is in no error: it holds secrets.

        Raises:
            NoAnswer: as above.
        """
        return self._ask(Request(url, urlencode(form).encode(), _headers(None)))  # noqa: S310 - as above

    def _ask(self, request: Request) -> bytes:
        shown = _shown(request.full_url)
        limit = _Limit(time.monotonic() + self.timeout_seconds)
        try:
            with (
                limit.watching(),
                limit.opener().open(request, timeout=self.timeout_seconds) as answer,
            ):
                return self._read(answer, shown, limit)
        except HTTPError as error:
            with error:
                raise answered(shown, error.code, error.headers.get("Retry-After")) from None
        except (OSError, HTTPException, ValueError) as error:
            raise limit.failed(error, shown, self.timeout_seconds) from None  # it may quote the whole address

    def _read(self, answer: HTTPResponse, shown: str, limit: _Limit) -> bytes:
        got = bytearray()
        while chunk := answer.read1(_CHUNK):
            got += chunk
            if len(got) > self.largest_bytes:
                raise NoAnswer(
                    Reason.TOO_LARGE,
                    f"{shown} answers with more than {self.largest_bytes:,} bytes, which is the most that is "
                    "taken; look at what it sends",
                )
            limit.check()
            self.beat()
        limit.check()  # a connection that was broken off ends like one that is at its end
        if answer.length:  # read1 does not tell that the connection ended too soon
            raise ConnectionResetError(f"{answer.length:,} bytes are missing at the end")
        return bytes(got)


class _NowhereElse(HTTPRedirectHandler):
    """Does not follow: whoever answers could have our credentials sent to anyone."""

    def redirect_request(self, *_: object) -> None:
        """Give no request, and the redirection becomes an error."""


@dataclass(slots=True)
class _Limit:
    """Breaks the connections of one request off when its time is over: nothing else ends a slow handshake."""

    deadline: float
    over: bool = False
    _made: list[HTTPConnection] = field(default_factory=list)

    def opener(self) -> OpenerDirector:
        limit = self

        class Plain(HTTPHandler):
            def http_open(self, req: Request) -> HTTPResponse:
                return self.do_open(limit.connection(HTTPConnection), req)

        class Secure(HTTPSHandler):
            def https_open(self, req: Request) -> HTTPResponse:
                context = ssl.create_default_context()
                return self.do_open(limit.connection(HTTPSConnection), req, context=context)

        return build_opener(ProxyHandler(), _NowhereElse, Plain, Secure)

    def connection(self, kind: type[HTTPConnection]) -> Any:
        def make(host: str, **options: Any) -> HTTPConnection:
            self._made.append(kind(host, **options))
            return self._made[-1]

        return make

    @contextmanager
    def watching(self) -> Iterator[None]:
        timer = threading.Timer(max(0.0, self.deadline - time.monotonic()), self._break_off)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def _break_off(self) -> None:
        self.over = True
        for each in self._made:
            with suppress(OSError, AttributeError):
                each.sock.shutdown(socket.SHUT_RDWR)

    def check(self) -> None:
        if self.over or time.monotonic() > self.deadline:
            raise TimeoutError("its time is over")

    def failed(self, error: Exception, shown: str, seconds: float) -> NoAnswer:
        if self.over or isinstance(error, TimeoutError) or "timed out" in str(error):
            return NoAnswer(
                Reason.TIMEOUT,
                f"{shown} did not give its whole answer within {seconds:g} seconds; it is asked again later",
            )
        return NoAnswer(
            Reason.UNREACHABLE,
            f"{shown} gave no answer: {_said(error)}; it is asked again later: check the network",
        )


def _headers(more: Mapping[str, str] | None) -> dict[str, str]:
    return {"User-Agent": _AGENT, "Accept-Encoding": "identity"} | dict(more or {})


def _shown(url: str) -> str:
    """The address without its query: that may hold a key."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def answered(
    shown: str, status: int, retry: str | None, remedies: Mapping[Reason, str] | None = None
) -> NoAnswer:
    """What another status than success means, told without the text: that may be anything, and repeat what
    it was sent. `retry` is the header Retry-After, `remedies` replace the common ones.
    """
    reason = _REASONS.get(status, Reason.REDIRECTED if 300 <= status < 400 else Reason.FAILED)
    wait = retry_after(retry, datetime.now(UTC))
    again = "" if wait is None else f", and wishes to be left alone for {wait:.0f} seconds"
    remedy = (_REMEDIES | dict(remedies or {})).get(reason, _LATER)
    return NoAnswer(reason, f"{shown} answers {status}{again}; {remedy}", retry_after=wait)


_LATER = "it is asked again later"
_REMEDIES = {
    Reason.REFUSED: "it is asked again later: check the credentials in the settings, and what they allow",
    Reason.MISSING: "it is asked again later: check the address in the settings",
    Reason.REDIRECTED: "redirections are not followed: check the address in the settings, and whether the "
    "network wants a login first",
}


def _said(error: Exception) -> str:
    """Why, without the address, whose query may hold a key: an error of HTTP quotes it."""
    if isinstance(error, HTTPException):
        return type(error).__name__
    return str(getattr(error, "reason", None) or getattr(error, "strerror", None) or error)


def retry_after(value: str | None, now: datetime) -> float | None:
    """Seconds to wait, from seconds or a date (RFC 9110, 10.2.3); None where nothing can be read from it."""
    if value is None:
        return None
    if re.fullmatch(r"[0-9]+", value.strip()):
        return min(float(value), _LONGEST_RETRY_SECONDS)
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, OverflowError, TypeError, LookupError):  # it raises all of these for a wrong date
        return None
    if moment.tzinfo is None:
        return None
    return min(max(0.0, (moment - now).total_seconds()), _LONGEST_RETRY_SECONDS)
