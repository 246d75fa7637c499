"""Settings of encryption, trust and login for Kafka: `[kafka.security]`.

A secret is given itself, or as the file that holds it (`password_file` for `password`), which is read
whenever a client is opened: Kubernetes may replace a mounted file.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, SecretStr, ValidationError, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

from brentwatch.web.addresses import check_address
from brentwatch.web.secrets import Secret

Protocol = Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"]
Mechanism = Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER"]
Fault = tuple[str, str]
"""The name of a setting, and what was expected."""

_TLS = ("ca_file", "certificate_file", "key_file", "key_password", "key_password_file")
_PASSWORD = ("username", "password", "password_file")
_TOKEN = ("token_file", "token_url", "client_id", "client_secret", "client_secret_file", "scope")
_SECRETS = ("key_password", "password", "client_secret")


class SecuritySettings(BaseModel):
    """Encryption of connections to Kafka, and the login.

    Secret files are read whenever a connection is opened, so they can be replaced at any time.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    protocol: Protocol = "PLAINTEXT"
    """Encryption (SSL), login (SASL), both, or neither."""
    ca_file: str | None = None
    """PEM file of trusted certificates; those of the system if unset."""
    certificate_file: str | None = None
    """PEM file of the client certificate, if the broker requires one."""
    key_file: str | None = None
    """PEM file of the private key for certificate_file."""
    key_password: SecretStr | None = None
    """Password of key_file."""
    key_password_file: str | None = None
    """File with the password of key_file."""
    check_hostname: bool = True
    """Check that the certificate of the broker is for its host name."""
    mechanism: Mechanism | None = None
    """Login mechanism; required if the protocol has SASL."""
    username: str | None = None
    """User name for PLAIN and SCRAM."""
    password: SecretStr | None = None
    """Password for PLAIN and SCRAM."""
    password_file: str | None = None
    """File with the password for PLAIN and SCRAM."""
    token_url: str | None = None
    """URL of the token endpoint for OAUTHBEARER."""
    client_id: str | None = None
    """Client id for token_url."""
    client_secret: SecretStr | None = None
    """Secret of client_id."""
    client_secret_file: str | None = None
    """File with the secret of client_id."""
    scope: str | None = None
    """Scope to request from token_url."""
    token_file: str | None = None
    """File with a token for OAUTHBEARER; replaces token_url."""

    @property
    def encrypted(self) -> bool:
        """True where connections are TLS."""
        return self.protocol in ("SSL", "SASL_SSL")

    @property
    def authenticates(self) -> bool:
        """True if we log in with SASL."""
        return self.protocol in ("SASL_PLAINTEXT", "SASL_SSL")

    def find_secret(self, name: str) -> Secret:
        """The secret `name`, which is empty where it is not given."""
        return Secret(f"kafka.security.{name}", getattr(self, name), getattr(self, f"{name}_file"))

    @model_validator(mode="after")
    def _check_together(self) -> Self:
        """Raises every fault at once, each in the place of its own setting."""
        faults = [
            *self._check_protocol(),
            *self._check_tls(),
            *self._check_mechanism(),
            *self._check_secrets(),
            *self._check_files(),
        ]
        if faults:
            raise ValidationError.from_exception_data(
                type(self).__name__, [self._build_error(name, expected) for name, expected in faults]
            )
        return self

    def _build_error(self, name: str, expected: str) -> InitErrorDetails:
        error = PydanticCustomError("unfit", "{expected}", {"expected": expected})
        return InitErrorDetails(type=error, loc=(name,), input=getattr(self, name))

    def _list_given(self, *names: str) -> list[str]:
        return [name for name in names if getattr(self, name)]

    def _check_protocol(self) -> Iterator[Fault]:
        """A setting without effect is an error: the connection would be less secure than intended."""
        sasl = [] if self.authenticates else self._list_given("mechanism", *_PASSWORD, *_TOKEN)
        tls = [] if self.encrypted else self._list_given(*_TLS)
        match bool(sasl), bool(tls):
            case True, True:
                expected = "SASL_SSL"
            case True, False:
                expected = "SASL_SSL" if self.encrypted else "SASL_SSL or SASL_PLAINTEXT"
            case False, True:
                expected = "SASL_SSL" if self.authenticates else "SSL or SASL_SSL"
            case _:
                return
        yield "protocol", f"{expected} for {', '.join([*sasl, *tls])}"

    def _check_tls(self) -> Iterator[Fault]:
        if self.certificate_file and not self.key_file:
            yield "key_file", "the private key of kafka.security.certificate_file"
        if self.key_file and not self.certificate_file:
            yield "certificate_file", "the certificate of kafka.security.key_file"
        if self._list_given("key_password", "key_password_file") and not self.key_file:
            yield "key_file", "the private key that key_password decrypts"

    def _check_mechanism(self) -> Iterator[Fault]:
        if not self.authenticates:
            return
        match self.mechanism:
            case None:
                yield "mechanism", f"PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 or OAUTHBEARER for {self.protocol}"
            case "OAUTHBEARER":
                yield from self._check_token()
            case mechanism:
                if not self.username:
                    yield "username", f"a user name for {mechanism}"
                if not self._list_given("password", "password_file"):
                    yield (
                        "password_file",
                        f"a file with the password for {mechanism}, or kafka.security.password",
                    )

    def _check_token(self) -> Iterator[Fault]:
        if self.token_file and self.token_url:
            yield "token_file", "either token_file or token_url, not both"
        if not self.token_file and not self.token_url:
            yield "token_url", "the URL of a token endpoint for OAUTHBEARER, or kafka.security.token_file"
        if not self.token_url:
            return
        try:
            check_address(self.token_url, carries_secret=True)
        except ValueError as error:
            yield "token_url", str(error)
        if not self.client_id:
            yield "client_id", "the client id for token_url"
        if not self._list_given("client_secret", "client_secret_file"):
            yield "client_secret_file", "a file with the secret of client_id, or kafka.security.client_secret"

    def _check_secrets(self) -> Iterator[Fault]:
        for name in _SECRETS:
            try:
                self.find_secret(name).check()
            except ValueError as error:
                yield f"{name}_file", str(error)

    def _check_files(self) -> Iterator[Fault]:
        named = [name for name in type(self).model_fields if name.endswith("_file")]
        for name in self._list_given(*named):
            if not Path(getattr(self, name)).is_file():
                yield name, "an existing file"
