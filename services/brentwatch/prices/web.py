"""Fetches one address, within limits: of time, of size, and never from another host than the one asked."""

from __future__ import annotations

import time
from email.utils import parsedate_to_datetime
from http.client import HTTPException
from typing import TYPE_CHECKING, Protocol
from urllib.error import HTTPError
from urllib.parse import urlencode, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from brentwatch.core.errors import InvalidInput
from brentwatch.prices.provider import NotNow

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from http.client import HTTPResponse

_LARGEST_BYTES = 16 << 20
_CHUNK_BYTES = 1 << 16
_PATIENCE = (408, 425, 429)
_REDIRECT, _CLIENT_FAULT, _SERVER_FAULT = 300, 400, 500


class Headers(Protocol):
    """The headers of an answer, whatever case they are asked in."""

    def get(self, name: str, /) -> str | None:
        """The value of one; None where it is not there."""


class _NowhereElse(HTTPRedirectHandler):
    """Does not follow: whoever answers could have our key sent to anyone."""

    def redirect_request(self, *_: object) -> None:
        """Give no request, and the redirection becomes an error."""


def get(url: str, query: Mapping[str, str], *, seconds: float, now: datetime) -> bytes:
    """The body that `url` answers with; `query` may hold a key, and is never told.

    Raises:
        NotNow: if it cannot be reached, is slow, redirects, asks for patience or fails.
        InvalidInput: if it refuses the request.
    """
    deadline = time.monotonic() + seconds
    request = Request(f"{url}?{urlencode(query)}", headers={"User-Agent": "brentwatch"})  # noqa: S310 - as checked
    try:
        with build_opener(_NowhereElse).open(request, timeout=seconds) as answer:
            return _body(answer, url, deadline)
    except HTTPError as error:
        with error:
            raise refusal(url, error.code, error.headers, now) from None
    except (OSError, HTTPException) as error:
        raise NotNow(
            f"{url} did not answer: {_said(error)}; an answer within {seconds:g} seconds was wanted: check "
            "the network, or wait"
        ) from None  # what stands behind it quotes the address with its key


def refusal(url: str, status: int, headers: Headers, now: datetime) -> NotNow | InvalidInput:
    """What an answer other than success means."""
    told = f"{url} answered with {status}"
    if status in _PATIENCE or status >= _SERVER_FAULT:
        return NotNow(f"{told}; prices were wanted: they are asked for again later", _retry(headers, now))
    if _REDIRECT <= status < _CLIENT_FAULT:
        host = urlsplit(headers.get("Location") or "").hostname or "nowhere"
        return NotNow(
            f"{told}, a redirection to {host}; prices were wanted, and it is not followed: check "
            "for a login page of the network, or correct the address in the settings"
        )
    return InvalidInput(
        f"{told}: it refuses us; prices were wanted: check the address, the name of the series, and the key "
        "if it wants one"
    )


def _body(answer: HTTPResponse, url: str, deadline: float) -> bytes:
    parts: list[bytes] = []
    while part := answer.read1(_CHUNK_BYTES):
        parts.append(part)
        if time.monotonic() > deadline:
            raise NotNow(f"{url} is too slow; a whole answer was wanted: it is asked for again later")
        if sum(map(len, parts)) > _LARGEST_BYTES:
            raise InvalidInput(f"{url} answered with more than {_LARGEST_BYTES:,} bytes; prices were wanted")
    told = answer.headers.get("Content-Length", "")
    if told.isdigit() and sum(map(len, parts)) < int(told):
        raise NotNow(f"{url} broke off in its answer; the whole was wanted: it is asked for again later")
    return b"".join(parts)


def _retry(headers: Headers, now: datetime) -> float | None:
    """The seconds of `Retry-After`, which is a number or a date (RFC 9110, 10.2.3)."""
    told = (headers.get("Retry-After") or "").strip()
    if told.isdigit():
        return float(told)
    try:
        return max(0.0, (parsedate_to_datetime(told) - now).total_seconds())
    except (ValueError, TypeError):
        return None


def _said(error: Exception) -> str:
    reason = getattr(error, "reason", None) or getattr(error, "strerror", None) or type(error).__name__
    return str(reason)
