"""One request over HTTP, limited in time and in bytes; redirections are not followed.

The standard library is enough: what is wanted beyond it, a limit of time on the whole answer, no common
client has either; see `limits`."""

import re
import ssl
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
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
from brentwatch.web.addresses import is_loopback
from brentwatch.web.failures import NoAnswer, Reason
from brentwatch.web.limits import Limit

_CHUNK = 1 << 16
_LARGEST_EXPLANATION = 1 << 16
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

    What comes meanwhile is told to `beat`. `ca_file` is trusted beside the certificates of the system.
    `explain` reads the text of an answer with an error status; without it that text is not read.

    A name is resolved once, and the connection goes to the very address that was checked (see `Limit`);
    certificate and Host are still those of the name. Through a proxy of the environment, the proxy resolves.
    """

    timeout_seconds: float = 30.0
    largest_bytes: int = 64 << 20
    beat: Callable[[], object] = lambda: None
    ca_file: str | None = None
    explain: Callable[[bytes], str] | None = None

    def get(self, url: str, headers: Mapping[str, str] | None = None) -> bytes:
        """The body of the answer.

        Raises:
            NoAnswer: if there is none, in time and of that size, with a status of success (2xx).
        """
        return _join_parts(self.stream(url, headers))

    def stream(self, url: str, headers: Mapping[str, str] | None = None) -> Iterator[bytes]:
        """The body of the answer, part by part.

        Raises:
            NoAnswer: as above, also after some parts.
        """
        return self._ask(_hide_query(url), url, None, headers)

    def post_form(self, url: str, form: Mapping[str, str], headers: Mapping[str, str] | None = None) -> bytes:
        """The body of the answer to a form. What was sent is in no error: it holds secrets.

        Raises:
            NoAnswer: as above.
        """
        return _join_parts(self._ask(_hide_query(url), url, urlencode(form).encode(), headers))

    def post_json(self, url: str, document: bytes, headers: Mapping[str, str] | None = None) -> bytes:
        """The body of the answer to JSON, which is sent byte for byte: a signature may cover it.

        Neither what was sent nor the path is in any error: the path of a webhook is its secret.

        Raises:
            NoAnswer: as above.
        """
        typed = {"Content-Type": "application/json", **(headers or {})}
        return _join_parts(self._ask(_hide_path(url), url, document, typed))

    def _ask(
        self, shown: str, url: str, body: bytes | None, headers: Mapping[str, str] | None
    ) -> Iterator[bytes]:
        request = Request(url, body, _build_headers(headers))  # noqa: S310 - http(s), as the settings saw to
        with Limit(self.timeout_seconds) as limit:
            try:
                with self._build_opener(limit, request).open(request, timeout=self.timeout_seconds) as answer:
                    yield from self._read(answer, shown, limit)
            except HTTPError as error:
                with error:
                    raise self._describe_refusal(error, shown, limit) from None
            except (OSError, HTTPException, ValueError) as error:
                raise self._describe_failure(error, shown, limit) from None  # it may quote the whole address

    def _read(self, answer: HTTPResponse, shown: str, limit: Limit) -> Iterator[bytes]:
        size = 0
        while chunk := answer.read1(_CHUNK):
            size += len(chunk)
            if size > self.largest_bytes:
                raise NoAnswer(
                    Reason.TOO_LARGE,
                    f"{shown} answers with more than {self.largest_bytes:,} bytes, which is the most that is "
                    "taken; look at what it sends",
                )
            limit.note_progress()
            self.beat()
            yield chunk
        limit.check()  # a connection that was broken off ends like one that is at its end
        if answer.length:  # read1 does not tell that the connection ended too soon
            raise ConnectionResetError(f"{answer.length:,} bytes are missing at the end")

    def _build_opener(self, limit: Limit, request: Request) -> OpenerDirector:
        """What opens connections within the limit; to this machine without a proxy: that may be elsewhere."""

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
        here = is_loopback(urlsplit(request.full_url).hostname or "")
        return build_opener(ProxyHandler({} if here else None), _NowhereElse, Plain, Secure)

    def _describe_refusal(self, error: HTTPError, shown: str, limit: Limit) -> NoAnswer:
        told = describe_status(shown, error.code, error.headers.get("Retry-After"))
        if self.explain is None:
            return told
        try:
            told.explained = self.explain(error.read(_LARGEST_EXPLANATION))
            limit.check()
        except (OSError, HTTPException, ValueError) as failure:
            return self._describe_failure(failure, shown, limit)
        return told

    def _describe_failure(self, error: Exception, shown: str, limit: Limit) -> NoAnswer:
        if limit.is_over or isinstance(error, TimeoutError) or "timed out" in str(error):
            return NoAnswer(
                Reason.TIMEOUT,
                f"{shown} did not give its whole answer within {self.timeout_seconds:g} seconds; it is asked "
                "again later",
            )
        return NoAnswer(
            Reason.UNREACHABLE,
            f"{shown} gave no answer: {_describe_error(error)}; it is asked again later: check the network",
        )


class _NowhereElse(HTTPRedirectHandler):
    """Does not follow: whoever answers could have our credentials sent to anyone."""

    def redirect_request(self, *_: object) -> None:
        """Give no request, and the redirection becomes an error."""


def _limit_connections(kind: type[HTTPConnection], limit: Limit) -> Any:
    """Makes connections that the limit can break off, whatever they wait for."""

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


def _build_headers(more: Mapping[str, str] | None) -> dict[str, str]:
    return {"User-Agent": _AGENT, "Accept-Encoding": "identity"} | dict(more or {})


def _hide_query(url: str) -> str:
    """The address without its query: that may hold a key."""
    return f"{_hide_path(url)}{urlsplit(url).path}"


def _hide_path(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def add_query(url: str, wishes: Mapping[str, object]) -> str:
    """The address with a query."""
    return f"{url}?{urlencode(wishes)}"


def describe_status(
    shown: str, status: int, retry: str | None, remedies: Mapping[Reason, str] | None = None
) -> NoAnswer:
    """What another status than success means, told without the text: that may be anything, and repeat what
    it was sent. `retry` is the header Retry-After, `remedies` replace the common ones.
    """
    reason = _REASONS.get(status, Reason.REDIRECTED if 300 <= status < 400 else Reason.FAILED)
    wait = parse_retry_after(retry, datetime.now(UTC))
    again = "" if wait is None else f", and wishes to be left alone for {wait:.0f} seconds"
    remedy = (_REMEDIES | dict(remedies or {})).get(reason, _LATER)
    said = f"{shown} answers {status}{again}; {remedy}"
    return NoAnswer(reason, said, retry_after=wait, status=status)


_LATER = "it is asked again later"
_REMEDIES = {
    Reason.REFUSED: "it is asked again later: check the credentials in the settings, and what they allow",
    Reason.MISSING: "it is asked again later: check the address in the settings",
    Reason.REDIRECTED: "redirections are not followed: check the address in the settings, and whether the "
    "network wants a login first",
}


def _describe_error(error: Exception) -> str:
    """Why, without the address, whose query may hold a key, and without a header: such errors quote them."""
    if isinstance(error, HTTPException):
        return type(error).__name__
    if not isinstance(error, OSError):
        return "the address or a header holds a character that HTTP cannot carry, such as a line break"
    return str(getattr(error, "reason", None) or getattr(error, "strerror", None) or error)


def parse_retry_after(value: str | None, now: datetime) -> float | None:
    """Seconds to wait, from seconds or a date (RFC 9110, 10.2.3); None where nothing can be read from it."""
    if value is None:
        return None
    if re.fullmatch(r"[0-9]+", value.strip()):
        return min(float(value), _LONGEST_RETRY_SECONDS)
    try:
        moment = parsedate_to_datetime(value)
        seconds = (moment - now).total_seconds()
    except Exception:  # noqa: BLE001 - a foreign text: the library raises what it likes for a wrong date
        return None
    return min(max(0.0, seconds), _LONGEST_RETRY_SECONDS)
