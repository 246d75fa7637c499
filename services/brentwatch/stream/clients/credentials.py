"""TLS, SASL and the current secrets for the clients, by `[kafka.security]`; OAUTHBEARER is RFC 6749, 4.4."""

import base64
import json
import re
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from kafka.net.sasl.oauth import AbstractTokenProvider

from brentwatch.core.errors import STOPPING, SettingsError, Unavailable
from brentwatch.stream.security import SecuritySettings
from brentwatch.web.failures import NoAnswer
from brentwatch.web.fetching import Fetcher
from brentwatch.web.secrets import Secret


def build_security_options(security: SecuritySettings, timeout_seconds: float) -> dict[str, Any]:
    """The options of kafka-python that stand for `security`.

    Raises:
        SettingsError: if a file cannot be used for what it is named for.
    """
    chosen: dict[str, Any] = {"security_protocol": security.protocol}
    if security.encrypted:
        chosen["ssl_context"] = _build_context(security)
    if security.authenticates:
        chosen["sasl_mechanism"] = security.mechanism
        chosen |= _build_proof(security, timeout_seconds)
    return chosen


def _build_proof(security: SecuritySettings, timeout_seconds: float) -> dict[str, Any]:
    if security.mechanism == "OAUTHBEARER":
        return {"sasl_oauth_token_provider": _choose_token_provider(security, timeout_seconds)}
    password = security.find_secret("password").read()
    return {"sasl_plain_username": security.username, "sasl_plain_password": password}


@lru_cache(maxsize=4)  # all clients of a process share a token, as its endpoint would have it
def _choose_token_provider(security: SecuritySettings, timeout_seconds: float) -> AbstractTokenProvider:
    if security.token_file:
        return TokenFile(security.token_file)
    return ClientCredentials(
        url=security.token_url or "",
        client_id=security.client_id or "",
        secret=security.find_secret("client_secret"),
        scope=security.scope or "",
        ca_file=security.ca_file,
        timeout_seconds=timeout_seconds,
    )


def _build_context(security: SecuritySettings) -> ssl.SSLContext:
    with _explain_file_errors("ca_file", security.ca_file):
        context = ssl.create_default_context(cafile=security.ca_file or None)
    context.check_hostname = security.check_hostname
    if security.certificate_file:
        # An empty password, and not none: OpenSSL would ask for one on the terminal.
        password = security.find_secret("key_password").read()
        with _explain_file_errors("certificate_file", security.certificate_file):
            context.load_cert_chain(security.certificate_file, security.key_file, password)
    return context


@contextmanager
def _explain_file_errors(name: str, path: str | None) -> Iterator[None]:
    try:
        yield
    except OSError as error:  # those of ssl are among them
        raise SettingsError(
            f"kafka.security.{name} is {path}, which cannot be used: {error}; expected PEM, with a key that "
            "matches the certificate and that kafka.security.key_password decrypts: correct the file or "
            "the setting"
        ) from error


_LARGEST_BYTES = 1 << 20
_SHARE_OF_LIFE = 0.8
_UNTOLD_LIFE_SECONDS = 60.0
_LONGEST_LIFE_SECONDS = 24 * 3600.0
"""A token that claims to live longer is fetched again anyway."""
_REFUSED = (400, 401, 403)


class TokenFile(AbstractTokenProvider):  # type: ignore[misc]  # kafka is untyped
    """A token that someone else keeps fresh in a file."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self._token = Secret("kafka.security.token", None, path)

    def token(self) -> str:
        """The token that the file holds now.

        Raises:
            SettingsError: if there is none.
        """
        return self._token.read().strip()


class ClientCredentials(AbstractTokenProvider):  # type: ignore[misc]  # kafka is untyped
    """A token from an endpoint, fetched again after four fifths of its life.

    `secret` is read at each fetch; `ca_file` is trusted in addition to the certificates of the system; `now`
    is a clock in seconds that never goes back.
    """

    def __init__(
        self,
        *,
        url: str,
        client_id: str,
        secret: Secret,
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
        name = f"{quote(self._client_id, safe='')}:{quote(self._secret.read(), safe='')}"
        headers = {
            "Authorization": f"Basic {base64.b64encode(name.encode()).decode()}",
            "Accept": "application/json",
        }
        try:
            return self._fetcher.post_form(self._url, wish, headers)
        except NoAnswer as error:
            raise self._explain_refusal(error) from None

    def _explain_refusal(self, error: NoAnswer) -> SettingsError | Unavailable:
        """The error gives only the code of the answer, never its text: that may repeat what was sent."""
        if error.status is None:
            return Unavailable(
                f"{self._url} gave no token: {error}; check that it runs and that "
                "kafka.security.token_url is its address"
            )
        said = f"{error.status} {error.explained}".strip()
        if error.status in _REFUSED:
            return SettingsError(
                f"{self._url} gave client {self._client_id} no token: {said}; check "
                "kafka.security.client_id, client_secret and scope"
            )
        return Unavailable(
            f"{self._url} gave no token: {said}; expected a token: check that it runs without errors and "
            "that kafka.security.token_url is its address"
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
            f"{url} did not answer with a token; expected JSON with access_token and expires_in: check that "
            "kafka.security.token_url is the address of a token endpoint"
        )
    return token, min(life, _LONGEST_LIFE_SECONDS)
