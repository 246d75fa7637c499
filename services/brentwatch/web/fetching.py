"""One request over HTTP, limited in time and in bytes; redirects are not followed.

The standard library is enough: common clients do not have a timeout for the whole answer either; see
`limits`."""

import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import Any, cast
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
from brentwatch.web.addresses import is_loopback, refuse_link_local
from brentwatch.web.failures import NoAnswer, Reason
from brentwatch.web.limits import Limit
from brentwatch.web.statuses import OF_RECEIVERS, describe_status, parse_retry_after

_CHUNK = 1 << 16
LARGEST_REPLY = 4096
_AGENT = f"brentwatch/{__version__}"


@dataclass(frozen=True, slots=True)
class Reply:
    """The reply of a receiver that accepted a request: a status of success, and the beginning of the body.

    `body` is cut after `largest_reply` bytes (4 KB), or where the connection broke: the status alone says
    that the request was accepted. `retry_after` is the number of seconds that the receiver asks to wait, if
    any.
    """

    status: int
    body: bytes = b""
    retry_after: float | None = None


@dataclass(frozen=True, slots=True)
class Fetcher:
    """Asks with `timeout_seconds` for the whole answer and `largest_bytes` at most.

    `beat` is called when data arrives. `ca_file` is trusted in addition to the certificates of the system.
    `explain` reads the first 4 KB of an answer with an error status; without it that text is not read.
    `check_target(host, address)` raises OSError where a host must not be asked at this address. At most
    `largest_reply` bytes of a reply to a request with a body are read.

    A name is resolved once, and the connection goes to the very address that was checked (see `Limit`);
    certificate and Host are still those of the name. Through a proxy of the environment, the proxy resolves.
    """

    timeout_seconds: float = 30.0
    largest_bytes: int = 64 << 20
    beat: Callable[[], object] = lambda: None
    ca_file: str | None = None
    explain: Callable[[bytes], str] | None = None
    check_target: Callable[[str, str], None] = refuse_link_local
    largest_reply: int = LARGEST_REPLY

    def get(self, url: str, headers: Mapping[str, str] | None = None) -> bytes:
        """The body of the answer.

        Raises:
            NoAnswer: if there is none in time and within the size, with a status of success (2xx).
        """
        return _join_parts(self.stream(url, headers))

    def stream(self, url: str, headers: Mapping[str, str] | None = None) -> Iterator[bytes]:
        """The body of the answer, part by part.

        Raises:
            NoAnswer: as above, perhaps after some parts.
        """
        return self._ask(_hide_query(url), url, None, headers)

    def post_form(self, url: str, form: Mapping[str, str], headers: Mapping[str, str] | None = None) -> bytes:
        """The body of the response to a form. Errors do not quote the form, because it holds secrets.

        Raises:
            NoAnswer: as above.
        """
        return _join_parts(self._ask(_hide_query(url), url, urlencode(form).encode(), headers))

    def send(
        self, method: str, url: str, body: bytes | None, headers: Mapping[str, str] | None = None
    ) -> Reply:
        """The reply of a receiver to a request. The body is sent byte for byte: a signature may cover it.

        Errors quote neither the body nor the path, because the path of a webhook is its secret.

        Raises:
            NoAnswer: if there is no answer in time with a status of success (2xx).
        """
        with self._open(_hide_path(url), url, body, headers, method) as (answer, limit):
            limit.check()  # headers that were broken off look like whole ones
            wait = parse_retry_after(answer.headers.get("Retry-After"), datetime.now(UTC))
            return Reply(answer.status, _read_start(answer, limit, self.largest_reply), wait)

    def _ask(
        self, shown: str, url: str, body: bytes | None, headers: Mapping[str, str] | None
    ) -> Iterator[bytes]:
        with self._open(shown, url, body, headers) as (answer, limit):
            yield from self._read(answer, shown, limit)

    @contextmanager
    def _open(
        self,
        shown: str,
        url: str,
        body: bytes | None,
        headers: Mapping[str, str] | None,
        method: str | None = None,
    ) -> Iterator[tuple[HTTPResponse, Limit]]:
        """The response if its status is success; any other status, or a failed read, raises NoAnswer."""
        remedies = None if method is None else OF_RECEIVERS
        with Limit(self.timeout_seconds, check_target=self._find_check(url)) as limit:
            try:
                request = Request(url, body, _build_headers(headers), method=method)  # noqa: S310 - http(s), as the settings saw to
                with self._build_opener(limit, request).open(request, timeout=self.timeout_seconds) as answer:
                    yield answer, limit
            except HTTPError as error:
                with error:
                    raise self._describe_refusal(error, shown, limit, remedies) from None
            except (OSError, HTTPException, ValueError) as error:
                raise self._describe_failure(error, shown, limit) from None  # it may quote the whole address

    def _find_check(self, url: str) -> Callable[[str, str], None]:
        """The check of the host; a proxy of the environment may be anywhere except link-local."""
        asked = _find_host(url)

        def check(host: str, address: str) -> None:
            (self.check_target if host.lower() == asked else refuse_link_local)(host, address)

        return check

    def _read(self, answer: HTTPResponse, shown: str, limit: Limit) -> Iterator[bytes]:
        size = 0
        while chunk := answer.read1(_CHUNK):
            size += len(chunk)
            if size > self.largest_bytes:
                raise NoAnswer(
                    Reason.TOO_LARGE,
                    f"{shown} answered with more than {self.largest_bytes:,} bytes, which is the limit; "
                    "check what it sends",
                )
            limit.note_progress()
            self.beat()
            yield chunk
        limit.check()  # a broken connection looks like one that ended
        if answer.length:  # read1 does not report that the connection ended too soon
            raise ConnectionResetError(f"{answer.length:,} bytes are missing at the end")

    def _build_opener(self, limit: Limit, request: Request) -> OpenerDirector:
        """An opener within the limit; requests to this machine use no proxy, which may be elsewhere."""

        class Plain(HTTPHandler):
            def http_open(self, req: Request) -> HTTPResponse:
                return self.do_open(_limit_connections(HTTPConnection, limit), req)

        class Secure(HTTPSHandler):
            def https_open(self, req: Request) -> HTTPResponse:
                context = ssl.create_default_context()
                if ca_file:
                    context.load_verify_locations(ca_file)
                return self.do_open(_limit_connections(HTTPSConnection, limit), req, context=context)

        ca_file = self.ca_file
        here = is_loopback(_find_host(request.full_url))
        return build_opener(ProxyHandler({} if here else None), _NowhereElse, Plain, Secure)

    def _describe_refusal(
        self, error: HTTPError, shown: str, limit: Limit, remedies: Mapping[Reason, str] | None
    ) -> NoAnswer:
        told = describe_status(shown, error.code, error.headers.get("Retry-After"), remedies)
        if self.explain is None:
            return told
        try:
            told.explained = self.explain(error.read(LARGEST_REPLY))
            limit.check()
        except (OSError, HTTPException, ValueError) as failure:
            return self._describe_failure(failure, shown, limit)
        return told

    def _describe_failure(self, error: Exception, shown: str, limit: Limit) -> NoAnswer:
        if limit.is_over or isinstance(error, TimeoutError) or "timed out" in str(error):
            return NoAnswer(
                Reason.TIMEOUT,
                f"{shown} did not answer completely within {self.timeout_seconds:g} seconds; the request is "
                "repeated later",
            )
        if isinstance(getattr(error, "reason", error), ssl.SSLCertVerificationError):
            return NoAnswer(
                Reason.CERTIFICATE,
                f"the certificate of {shown} cannot be verified: {_describe_error(error)}; check the "
                "address in the settings, or trust the authority that signed the certificate",
            )
        return NoAnswer(
            Reason.UNREACHABLE,
            f"{shown} gave no answer: {_describe_error(error)}; the request is repeated later: check "
            "the network",
        )


class _NowhereElse(HTTPRedirectHandler):
    """Does not follow redirects: a server could have our credentials sent to another one."""

    def redirect_request(self, *_: object) -> None:
        """Give no request, and the redirection becomes an error."""


def _limit_connections(kind: type[HTTPConnection], limit: Limit) -> Any:
    """Makes connections that the limit can close at any time."""

    def make(host: str, **options: Any) -> HTTPConnection:
        made: Any = kind(host, **options)
        made._create_connection = limit.connect
        return cast("HTTPConnection", made)

    return make


def _join_parts(parts: Iterator[bytes]) -> bytes:
    whole = bytearray()
    for part in parts:
        whole += part
    return bytes(whole)


def _read_start(answer: HTTPResponse, limit: Limit, most: int) -> bytes:
    start = b""
    with suppress(OSError, HTTPException, ValueError):
        while (room := most - len(start)) and (chunk := answer.read1(room)):
            start += chunk
            limit.note_progress()
    return start


def _build_headers(more: Mapping[str, str] | None) -> dict[str, str]:
    return {"User-Agent": _AGENT, "Accept-Encoding": "identity"} | dict(more or {})


def _hide_query(url: str) -> str:
    """The address without its query: that may hold a key."""
    return f"{_hide_path(url)}{urlsplit(url).path}"


def _find_host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:  # a bracket that never closes, say
        return ""


def _hide_path(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def add_query(url: str, wishes: Mapping[str, object]) -> str:
    """The address with a query."""
    return f"{url}?{urlencode(wishes)}"


def _describe_error(error: Exception) -> str:
    """The error without the address and headers that it may quote: a query may hold a key."""
    if isinstance(error, HTTPException):
        return type(error).__name__
    if not isinstance(error, OSError):
        return "the address or a header contains a character that HTTP does not allow, such as a line break"
    return str(getattr(error, "reason", None) or getattr(error, "strerror", None) or error)
