"""What `[kafka.security]` is to the clients: a TLS context, a mechanism, and secrets as they are now."""

from __future__ import annotations

import ssl
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from brentwatch.core.errors import SettingsError
from brentwatch.stream.clients.tokens import ClientCredentials, TokenFile
from brentwatch.web.secrets import read_secret

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kafka.net.sasl.oauth import AbstractTokenProvider
    from pydantic import SecretStr

    from brentwatch.stream.security import SecuritySettings


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
    password = _choose_secret("password", security.password, security.password_file)
    return {"sasl_plain_username": security.username, "sasl_plain_password": password}


@lru_cache(maxsize=4)  # all clients of a process share a token, as its endpoint would have it
def _choose_token_provider(security: SecuritySettings, timeout_seconds: float) -> AbstractTokenProvider:
    if security.token_file:
        return TokenFile(security.token_file)
    return ClientCredentials(
        url=security.token_url or "",
        client_id=security.client_id or "",
        secret=lambda: _choose_secret("client_secret", security.client_secret, security.client_secret_file),
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
        password = _choose_secret("key_password", security.key_password, security.key_password_file)
        with _explain_file_errors("certificate_file", security.certificate_file):
            context.load_cert_chain(security.certificate_file, security.key_file, password)
    return context


@contextmanager
def _explain_file_errors(name: str, path: str | None) -> Iterator[None]:
    try:
        yield
    except OSError as error:  # those of ssl are among them
        raise SettingsError(
            f"kafka.security.{name} is {path}, which cannot be used: {error}; PEM was wanted, and a key that "
            "belongs to its certificate and opens with kafka.security.key_password: correct it"
        ) from error


def _choose_secret(name: str, value: SecretStr | None, path: str | None) -> str:
    """The secret itself, or what its file holds now."""
    if not path:
        return value.get_secret_value() if value else ""
    return read_secret(f"kafka.security.{name}_file", path)
