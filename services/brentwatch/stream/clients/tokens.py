"""Tokens for OAUTHBEARER: fetched with client credentials (RFC 6749, 4.4), or read from a mounted file.

`token()` is called on the thread of a Kafka client, whose heartbeats wait meanwhile: a fetch is limited in
time, comes early, and while the old token is still good its failure is passed over.
"""

from __future__ import annotations

import base64
import json
import re
import threading
import time
from typing import TYPE_CHECKING
from urllib.parse import quote

from kafka.net.sasl.oauth import AbstractTokenProvider

from brentwatch.core.errors import STOPPING, SettingsError, Unavailable
from brentwatch.web.faults import NoAnswer
from brentwatch.web.fetching import Fetcher
from brentwatch.web.secrets import read_secret

if TYPE_CHECKING:
    from collections.abc import Callable

_LARGEST_BYTES = 1 << 20
_SHARE_OF_LIFE = 0.8
_UNTOLD_LIFE_SECONDS = 60.0
_LONGEST_LIFE_SECONDS = 24 * 3600.0
"""A token that claims to live longer is fetched anew all the same."""
_REFUSED = (400, 401, 403)


class TokenFile(AbstractTokenProvider):  # type: ignore[misc]  # kafka is untyped
    """A token that someone else keeps fresh in a file."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self._path = path

    def token(self) -> str:
        """The token that the file holds now.

        Raises:
            SettingsError: if there is none.
        """
        return read_secret("kafka.security.token_file", self._path).strip()


class ClientCredentials(AbstractTokenProvider):  # type: ignore[misc]  # kafka is untyped
    """A token from an endpoint, fetched anew when four fifths of its life are over.

    `secret` is asked at each fetch; `ca_file` is trusted beside the certificates of the system; `now` is a
    clock in seconds that never goes back.
    """

    def __init__(
        self,
        *,
        url: str,
        client_id: str,
        secret: Callable[[], str],
        scope: str,
        ca_file: str | None,
        timeout_seconds: float,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__()
        self._url = url
        self._client_id = client_id
        self._secret = secret
        self._scope = scope
        self._fetcher = Fetcher(timeout_seconds, _LARGEST_BYTES, ca_file=ca_file, explain=_read_error_code)
        self._now = now
        self._one_at_a_time = threading.Lock()
        self._token = ""
        self._renew_at = self._ends_at = now()

    def token(self) -> str:
        """A token that is good.

        Raises:
            SettingsError: if the endpoint refuses the client.
            Unavailable: if it does not answer, or with something else than a token.
        """
        with self._one_at_a_time:
            if self._now() >= self._renew_at:
                self._renew()
            return self._token

    def _renew(self) -> None:
        asked = self._now()
        try:
            token, life = self._fetch_token()
        except Unavailable:
            if asked < self._ends_at:
                return
            raise
        self._token = token
        self._renew_at, self._ends_at = asked + _SHARE_OF_LIFE * life, asked + life

    def _fetch_token(self) -> tuple[str, float]:
        """A new token and its life; an error nobody thought of is an endpoint that gives none."""
        try:
            return _read(self._url, self._fetch())
        except STOPPING:
            raise
        except Exception as error:
            raise Unavailable(
                f"{self._url} gave no token: unexpected {type(error).__name__}; this is a fault of "
                "brentwatch: report it, with this message"
            ) from error

    def _fetch(self) -> bytes:
        wish = {"grant_type": "client_credentials"} | ({"scope": self._scope} if self._scope else {})
        name = f"{quote(self._client_id, safe='')}:{quote(self._secret(), safe='')}"
        headers = {
            "Authorization": f"Basic {base64.b64encode(name.encode()).decode()}",
            "Accept": "application/json",
        }
        try:
            return self._fetcher.post_form(self._url, wish, headers)
        except NoAnswer as error:
            raise self._explain_refusal(error) from None

    def _explain_refusal(self, error: NoAnswer) -> SettingsError | Unavailable:
        """Of what is answered only the code is told, never the text: it may repeat what it was sent."""
        if error.status is None:
            return Unavailable(
                f"no token came from {self._url}: {error}; check that it runs and that "
                "kafka.security.token_url names it"
            )
        said = f"{error.status} {error.explained}".strip()
        if error.status in _REFUSED:
            return SettingsError(
                f"{self._url} gave client {self._client_id} no token: {said}; check "
                "kafka.security.client_id, client_secret and scope"
            )
        return Unavailable(
            f"{self._url} gave no token: {said}; a token was wanted: check that it is well and that "
            "kafka.security.token_url names it"
        )


def _read_error_code(answer: bytes) -> str:
    """The error code of RFC 6749, 5.2, such as invalid_client; empty where there is none."""
    try:
        code = str(json.loads(answer)["error"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return ""
    return code if re.fullmatch(r"[a-z_]{1,40}", code) else ""


def _read(url: str, answer: bytes) -> tuple[str, float]:
    """The token and its life in seconds."""
    try:
        document = json.loads(answer)
        token, life = document["access_token"], float(document.get("expires_in", _UNTOLD_LIFE_SECONDS))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError):
        token, life = "", 0.0
    # Anything else would end the message that the token stands in (RFC 6750, 2.1).
    if not isinstance(token, str) or not re.fullmatch(r"[A-Za-z0-9._~+/-]+=*", token) or not life > 0:
        raise Unavailable(
            f"{url} answered with something else than a token; JSON with access_token and expires_in was "
            "wanted: check that kafka.security.token_url names a token endpoint"
        )
    return token, min(life, _LONGEST_LIFE_SECONDS)
