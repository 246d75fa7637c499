"""One e-mail over SMTP, limited in time and in bytes; the connection is encrypted, or stays on this machine.

`smtplib` speaks the protocol. What it lacks is here: a timeout for the whole conversation, a limit on
the size of an answer, a connection to the address that was checked, and errors that quote nothing foreign.
"""

import re
import ssl
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import KW_ONLY, dataclass, field
from smtplib import SMTP, SMTPException, SMTPRecipientsRefused, SMTPResponseException, SMTPServerDisconnected
from socket import AF_INET6, socket
from typing import Any

from brentwatch.core.errors import SettingsError
from brentwatch.web.addresses import AllowedHosts, MailSecurity
from brentwatch.web.failures import NoAnswer, Reason
from brentwatch.web.limits import Limit
from brentwatch.web.secrets import Secret

_LARGEST_ANSWER = 4096
_ACCEPTED = 250
_ENHANCED = re.compile(rb"[245]\.\d{1,3}\.\d{1,3}(?=\s|$)")


@dataclass(frozen=True, slots=True)
class MailAnswer:
    """The last response of the server: an SMTP code, and its enhanced code (RFC 3463) if it gave one.

    `refused` are the recipients that it refused, with the code of each; if `code` is 250, the others have
    the message.
    """

    code: int
    enhanced: str = ""
    refused: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MailServer:
    """A mail server. A wrong certificate is refused; `ca_file` is trusted as well.

    `user` is empty without a login. `hosts` says where the name of the host may lead.
    """

    host: str
    port: int
    _: KW_ONLY
    security: MailSecurity
    user: str
    password: Secret
    hosts: AllowedHosts
    timeout_seconds: float = 10.0
    ca_file: str | None = None

    def check(self) -> None:
        """Check that password and certificates can be read.

        Raises:
            SettingsError: if not.
        """
        if self.user:
            self.password.read()
        try:
            self._build_context()
        except (OSError, ValueError) as error:
            raise SettingsError(
                f"the certificates of {self.ca_file} cannot be read: {error}; expected PEM: correct ca_file"
            ) from None

    def send(self, sender: str, recipients: Sequence[str], data: bytes) -> MailAnswer:
        """Send one message in one conversation, and return the response of the server.

        Raises:
            NoAnswer: if there is none in time; of reason CERTIFICATE, REFUSED or GARBLED it will not come.
        """
        password = self._read_password()
        with Limit(self.timeout_seconds, self.timeout_seconds, self.hosts.check_target) as limit:
            try:
                return self._converse(limit, password, sender, recipients, data)
            except SMTPRecipientsRefused as error:
                return _describe_recipients(error)
            except SMTPResponseException as error:
                return self._read_answer(error)
            except (OSError, ValueError) as error:
                raise self._describe_failure(error, limit) from None  # it may quote what was sent

    def _converse(
        self, limit: Limit, password: str, sender: str, recipients: Sequence[str], data: bytes
    ) -> MailAnswer:
        context = self._build_context()
        smtp = _Conversation(self, limit, context if self.security is MailSecurity.TLS else None)
        try:
            smtp.ehlo_or_helo_if_needed()
            if self.security is MailSecurity.STARTTLS:
                self._start_tls(smtp, context)
            if self.user:
                self._log_in(smtp, password)
            refused = smtp.sendmail(sender, recipients, data)
            with suppress(OSError):  # it has taken the message
                smtp.putcmd("QUIT")
        finally:
            smtp.close()
        return MailAnswer(_ACCEPTED, refused={to: code for to, (code, _) in refused.items()})

    def _read_password(self) -> str:
        try:
            return self.password.read() if self.user else ""
        except SettingsError as error:  # its file was there at the start
            raise NoAnswer(Reason.MISSING, str(error)) from None

    def _build_context(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        if self.ca_file:
            context.load_verify_locations(self.ca_file)
        return context

    def _start_tls(self, smtp: SMTP, context: ssl.SSLContext) -> None:
        if not smtp.has_extn("starttls"):
            said = f"{self._named} does not offer STARTTLS; nothing was sent: check port and security"
            raise NoAnswer(Reason.CERTIFICATE, said)
        smtp.starttls(context=context)

    def _log_in(self, smtp: SMTP, password: str) -> None:
        try:
            smtp.login(self.user, password)
        except (SMTPResponseException, SMTPServerDisconnected):
            raise
        except (SMTPException, ValueError):
            known = "CRAM-MD5, PLAIN and LOGIN"
            said = f"{self._named} offers no login by {known}, or user or password is not ASCII; check them"
            raise NoAnswer(Reason.REFUSED, said) from None

    def _read_answer(self, error: SMTPResponseException) -> MailAnswer:
        """The codes of a response without its text, which may be anything and may repeat what was sent."""
        if not 400 <= error.smtp_code < 600:
            said = f"{self._named} does not answer like a mail server; check host and port in the settings"
            raise NoAnswer(Reason.GARBLED, said) from None
        text = error.smtp_error if isinstance(error.smtp_error, bytes) else b""
        found = _ENHANCED.match(text)
        return MailAnswer(error.smtp_code, found[0].decode() if found else "")

    def _describe_failure(self, error: Exception, limit: Limit) -> NoAnswer:
        if isinstance(error, ssl.SSLCertVerificationError):
            said = f"the certificate of {self._named} cannot be verified: {error.verify_message}; "
            remedy = "correct it, or set ca_file to the authority that signed it"
            return NoAnswer(Reason.CERTIFICATE, said + remedy)
        if limit.is_over or isinstance(error, TimeoutError) or "timed out" in str(error):
            said = f"{self._named} did not accept the message within {self.timeout_seconds:g} seconds"
            return NoAnswer(Reason.TIMEOUT, f"{said}; the request is repeated later")
        why = str(getattr(error, "strerror", None) or error) if isinstance(error, OSError) else "odd address"
        said = f"{self._named} gave no answer: {why}; the request is repeated later: check the network"
        return NoAnswer(Reason.UNREACHABLE, said)

    @property
    def _named(self) -> str:
        return f"the mail server {self.host}:{self.port}"


def _describe_recipients(error: SMTPRecipientsRefused) -> MailAnswer:
    """All recipients were refused; temporarily, if one of them was refused temporarily."""
    refused = {to: code for to, (code, _) in error.recipients.items()}
    return MailAnswer(min(refused.values()), refused=refused)


class _Conversation(SMTP):
    """Connects within the limit, and reads 4 KB of an answer at most."""

    def __init__(self, server: MailServer, limit: Limit, context: ssl.SSLContext | None) -> None:
        self._limit, self._context = limit, context
        self._own_name = ""
        # Without a name of ours, smtplib would look one up, which may take long.
        super().__init__(server.host, server.port, "localhost", server.timeout_seconds)
        self.local_hostname = self._own_name

    def _get_socket(self, host: str, port: int, _: float) -> socket:
        made = self._limit.connect((host, port))
        prefix = "IPv6:" if made.family == AF_INET6 else ""
        self._own_name = f"[{prefix}{made.getsockname()[0]}]"
        return self._context.wrap_socket(made, server_hostname=host) if self._context else made

    def getreply(self) -> tuple[int, bytes]:
        if self.sock is not None:
            self.file: Any = self.file or _Answers(self.sock.makefile("rb"))
            self.file.left = _LARGEST_ANSWER
        return super().getreply()

    def rset(self) -> tuple[int, bytes]:
        """Nothing: after a refusal the conversation ends, and waiting for more could take long."""
        return _ACCEPTED, b""


class _Answers:
    """The lines of a server, up to `left` bytes."""

    def __init__(self, file: Any) -> None:
        self._file = file
        self.left = 0

    def readline(self, most: int) -> bytes:
        line: bytes = self._file.readline(min(most, self.left + 1))
        self.left -= len(line)
        if self.left < 0:
            raise OSError(f"an answer is longer than {_LARGEST_ANSWER:,} bytes")
        return (
            line if line.endswith(b"\n") else b""
        )  # an incomplete line does not count: "250" would mean success

    def close(self) -> None:
        self._file.close()
