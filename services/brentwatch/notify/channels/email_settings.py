"""Settings of the channel `email`: `[notify.email]`."""

from typing import Self

from pydantic import Field, SecretStr, model_validator

from brentwatch.notify.policy import ChannelSettings
from brentwatch.web.addresses import Mailbox, MailSecurity, Server, is_loopback, split_server
from brentwatch.web.secrets import Secret

_MISSING = (
    "notify.email.password is missing; expected password or password_file together with user: set one of them"
)


class EmailSettings(ChannelSettings):
    """The channel `email`.

    The server must be a public one unless `hosts` names it. Without a port it is the usual one of `security`.
    """

    server: Server = ""
    """Mail server, as host or host:port."""
    security: MailSecurity = MailSecurity.STARTTLS
    """How to encrypt: starttls, tls, or plain for a server on this machine."""
    user: str = ""
    """User name of the mail server; no login if empty."""
    password: SecretStr | None = None
    """Password of the mail server."""
    password_file: str | None = None
    """File with the password of the mail server."""
    sender: Mailbox = ""
    """Address that messages come from."""
    to: tuple[Mailbox, ...] = Field(default=(), max_length=100)
    """Addresses that messages are sent to."""
    hosts: tuple[str, ...] = ()
    """Hosts that may be used although they are not public."""
    ca_file: str | None = None
    """PEM file with further certificates to trust."""

    @property
    def secret(self) -> Secret:
        """The password, read at each use."""
        return Secret("notify.email.password", self.password, self.password_file, _MISSING)

    @property
    def host_and_port(self) -> tuple[str, int]:
        """Where the server is."""
        host, port = split_server(self.server)
        return host, port or self.security.port

    @model_validator(mode="after")
    def _check_connection(self) -> Self:
        self.secret.check()
        if self.server and self.security is MailSecurity.PLAIN and not is_loopback(self.host_and_port[0]):
            raise ValueError("security starttls or tls (plain only to 127.0.0.1, ::1 or localhost),")
        return self

    def list_missing(self) -> list[str]:
        """The settings without which nothing can be sent."""
        given = {
            "server": (self.server, "the host of the mail server"),
            "sender": (self.sender, "the address that the messages come from"),
            "to": (all(self.to) and self.to, "the addresses that they are sent to"),
        }
        return [
            f"notify.email.{name} is missing; expected {what}: set it, or take email out of notify.channels"
            for name, (value, what) in given.items()
            if not value
        ]
