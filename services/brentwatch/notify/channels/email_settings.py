"""Settings of the channel `email`: `[notify.email]`."""

from typing import Self

from pydantic import Field, SecretStr, model_validator

from brentwatch.notify.policy import ChannelSettings
from brentwatch.web.addresses import Mailbox, MailSecurity, Server, is_loopback, split_server
from brentwatch.web.secrets import Secret

_MISSING = "notify.email.password is missing; expected it, or password_file, beside user: set one of them"


class EmailSettings(ChannelSettings):
    """`[notify.email]`: the mail server, who writes (`sender`), and to whom.

    `server` is a host, or host:port if the port is not the usual one of `security`. It must be a public one
    unless `hosts` names it.
    `security` `plain` is for a server on this machine. `ca_file` holds further certificates to trust.
    """

    server: Server = ""
    security: MailSecurity = MailSecurity.STARTTLS
    user: str = ""
    password: SecretStr | None = None
    password_file: str | None = None
    sender: Mailbox = ""
    to: tuple[Mailbox, ...] = Field(default=(), max_length=100)
    hosts: tuple[str, ...] = ()
    ca_file: str | None = None

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
