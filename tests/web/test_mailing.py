"""One e-mail over SMTP: the certificate is checked, and what takes too long is broken off."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import SecretStr
from tests.kafka.certificates import Pair, self_signed
from tests.web.mail_server import (
    GREETING,
    PASSWORD,
    TAKES,
    USER,
    break_off,
    drip,
    flood,
    reset,
    serve_mail,
    serve_script,
)

from brentwatch.core.errors import SettingsError
from brentwatch.web.addresses import AllowedHosts, MailSecurity
from brentwatch.web.failures import NoAnswer, Reason
from brentwatch.web.mailing import MailAnswer, MailServer
from brentwatch.web.secrets import Secret

if TYPE_CHECKING:
    from pathlib import Path

NO_PASSWORD = Secret("notify.email.password", None, None)
DATA = b"Subject: =?utf-8?q?x?=\r\n\r\n.one line\r\n"


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    return self_signed(tmp_path_factory.mktemp("mail"), "server")


def server(port: int, **changes: Any) -> MailServer:
    told: dict[str, Any] = {
        "host": "127.0.0.1",
        "security": MailSecurity.PLAIN,
        "user": "",
        "password": NO_PASSWORD,
        "hosts": AllowedHosts(["127.0.0.1"]),
        "timeout_seconds": 20.0,
    }
    return MailServer(**{"port": port} | told | changes)


def send(asked: MailServer, *to: str) -> MailAnswer:
    return asked.send("alerts@example.org", to or ("a@example.org",), DATA)


def failed(asked: MailServer) -> NoAnswer:
    with pytest.raises(NoAnswer) as caught:
        send(asked)
    assert PASSWORD not in str(caught.value)
    return caught.value


@pytest.mark.parametrize(
    ("security", "offers"),
    [
        (MailSecurity.STARTTLS, {"starttls": True}),
        (MailSecurity.TLS, {"starttls": False, "tls": True}),
        (MailSecurity.PLAIN, {"starttls": False}),
    ],
)
def test_a_message_arrives_byte_for_byte(own: Pair, security: MailSecurity, offers: dict[str, bool]) -> None:
    with serve_mail(own, **offers) as fake:
        answer = send(server(fake.port, security=security, ca_file=str(own.certificate)))
    assert answer == MailAnswer(250)
    assert fake.taken == [(["a@example.org"], DATA)]


@pytest.mark.parametrize("security", [MailSecurity.STARTTLS, MailSecurity.TLS])
def test_a_certificate_that_nobody_vouches_for_is_refused(own: Pair, security: MailSecurity) -> None:
    is_tls = security is MailSecurity.TLS
    with serve_mail(own, starttls=not is_tls, tls=is_tls) as fake:
        error = failed(server(fake.port, security=security))
    assert error.reason is Reason.CERTIFICATE
    assert fake.taken == []


def test_the_certificate_of_another_host_is_refused(tmp_path: Path) -> None:
    other = self_signed(tmp_path, "server", "subjectAltName=DNS:mail.example.org")
    with serve_mail(other) as fake:
        asked = server(fake.port, security=MailSecurity.STARTTLS, ca_file=str(other.certificate))
        assert failed(asked).reason is Reason.CERTIFICATE


def test_nothing_is_sent_to_a_server_that_offers_no_starttls(own: Pair) -> None:
    with serve_mail(own, starttls=False) as fake:
        error = failed(server(fake.port, security=MailSecurity.STARTTLS, user=USER))
    assert error.reason is Reason.CERTIFICATE
    assert "does not offer STARTTLS" in str(error)
    assert (fake.taken, fake.log_ins) == ([], [])


def test_what_a_server_says_before_it_encrypts_is_forgotten(own: Pair) -> None:
    """An answer that somebody put behind STARTTLS is not taken for one over TLS (CVE-2011-0411)."""
    script = [GREETING, b"250-mail\r\n250 STARTTLS\r\n", b"220 go\r\n250-mail\r\n250 AUTH PLAIN\r\n"]
    with serve_script(*script) as (port, heard):
        failed(server(port, security=MailSecurity.STARTTLS, timeout_seconds=1.0))
    assert heard[1] == b"STARTTLS\r\n"
    assert not any(b"AUTH" in each or b"mail" in each for each in heard)


class TestLoggingIn:
    @pytest.fixture(autouse=True)
    def make(self, own: Pair) -> None:
        self.own = own

    def asked(self, port: int, password: str = PASSWORD) -> MailServer:
        given = Secret("notify.email.password", SecretStr(password), None)
        told = {"security": MailSecurity.STARTTLS, "ca_file": str(self.own.certificate)}
        return server(port, user=USER, password=given, **told)

    def test_the_password_is_sent_over_tls(self) -> None:
        with serve_mail(self.own, auth=True) as fake:
            assert send(self.asked(fake.port)).code == 250
        assert fake.log_ins == [PASSWORD.encode()]

    def test_a_wrong_password_is_an_answer_for_good(self) -> None:
        with serve_mail(self.own, auth=True) as fake:
            answer = send(self.asked(fake.port, "wrong"))
        assert (answer.code, answer.enhanced) == (535, "5.7.8")
        assert fake.taken == []

    def test_a_password_that_smtp_cannot_carry_is_in_no_error(self) -> None:
        with serve_mail(self.own, auth=True) as fake, pytest.raises(NoAnswer) as caught:
            send(self.asked(fake.port, f"{PASSWORD}é"))
        assert caught.value.reason is Reason.REFUSED
        assert PASSWORD not in str(caught.value)

    def test_where_no_log_in_is_offered_it_says_so(self) -> None:
        steps = [GREETING, b"250-mail\r\n250 AUTH GSSAPI\r\n"]
        with serve_script(*steps) as (port, heard):
            error = failed(server(port, user=USER, password=Secret("p", SecretStr(PASSWORD), None)))
        assert (error.reason, heard) == (Reason.REFUSED, [heard[0]])
        assert "CRAM-MD5, PLAIN and LOGIN" in str(error)

    def test_a_password_that_can_no_longer_be_read_is_waited_for(self, tmp_path: Path) -> None:
        file = tmp_path / "password"
        file.write_text(PASSWORD)
        asked = server(1, user=USER, password=Secret("notify.email.password", None, str(file)))
        asked.check()
        file.unlink()
        assert failed(asked).reason is Reason.MISSING
        with pytest.raises(SettingsError, match="cannot be read"):
            asked.check()


def test_certificates_that_cannot_be_read_are_a_fault_of_the_settings(tmp_path: Path) -> None:
    for name in ("missing.pem", "empty.pem"):
        (tmp_path / "empty.pem").write_text("nothing")
        with pytest.raises(SettingsError, match="expected PEM"):
            server(1, ca_file=str(tmp_path / name)).check()


@pytest.mark.parametrize("step", [0, 2, 3, 4], ids=["greeting", "MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize("code", [421, 451, 550])
def test_each_step_may_be_refused_for_now_or_for_good(step: int, code: int) -> None:
    said = f"{code} 4.7.1 {PASSWORD} was heard\r\n".encode()
    with serve_script(*TAKES[:step], said) as (port, _):
        answer = send(server(port))
    assert answer.code == code
    assert answer.refused == ({"a@example.org": code} if step == 3 else {})


def test_a_message_that_is_refused_after_it_was_read_is_refused() -> None:
    with serve_script(*TAKES, b"554 5.6.0 no\r\n") as (port, heard):
        assert send(server(port)) == MailAnswer(554, "5.6.0")
    assert heard[4] == b"Subject: =?utf-8?q?x?=\r\n\r\n..one line\r\n.\r\n"


def test_a_message_that_was_taken_is_taken_whatever_comes_after_it() -> None:
    with serve_script(*TAKES, b"250 OK\r\n", reset) as (port, _):
        assert send(server(port)) == MailAnswer(250)


def test_a_server_that_dies_before_it_says_that_it_took_the_message_is_asked_again() -> None:
    with serve_script(*TAKES, reset) as (port, heard):
        assert failed(server(port)).reason is Reason.UNREACHABLE
    assert len(heard) == 5


def test_recipients_that_are_refused_are_named_and_the_others_have_the_message(own: Pair) -> None:
    with serve_mail(own, starttls=False) as fake:
        fake.refusals = {"b@example.org": "550 5.1.1 unknown"}
        answer = send(server(fake.port), "a@example.org", "b@example.org", "c@example.org")
    assert answer == MailAnswer(250, "", {"b@example.org": 550})
    assert fake.taken[0][0] == ["a@example.org", "c@example.org"]


def test_where_all_recipients_are_refused_one_that_may_come_later_counts(own: Pair) -> None:
    with serve_mail(own, starttls=False) as fake:
        fake.refusals = {"a@example.org": "550 no", "b@example.org": "450 later"}
        assert send(server(fake.port), *fake.refusals).code == 450
        fake.refusals = {"a@example.org": "550 no", "b@example.org": "553 no"}
        assert send(server(fake.port), *fake.refusals).code == 550
    assert fake.taken == []


@pytest.mark.attack
@pytest.mark.parametrize("steps", [[], TAKES[:1], TAKES[:3], TAKES], ids=["greeting", "EHLO", "RCPT", "DATA"])
@pytest.mark.parametrize("trouble", [drip, lambda _: None], ids=["slow bytes", "hang"])
def test_a_server_that_is_slow_at_any_step_is_broken_off(steps: list[Any], trouble: Any) -> None:
    with serve_script(*steps, trouble) as (port, _):
        error = failed(server(port, timeout_seconds=0.3))
    assert error.reason is Reason.TIMEOUT
    assert "within 0.3 seconds" in str(error)


def test_an_answer_that_breaks_off_is_none() -> None:
    with serve_script(*TAKES, break_off) as (port, _):
        assert failed(server(port)).reason is Reason.UNREACHABLE


@pytest.mark.attack
def test_an_answer_that_never_ends_is_not_collected() -> None:
    with serve_script(GREETING, flood) as (port, _):
        error = failed(server(port))
    assert error.reason is Reason.UNREACHABLE
    assert "longer than 4,096 bytes" in str(error)


def test_something_else_than_a_mail_server_is_told_from_one() -> None:
    with serve_script(b"SSH-2.0-OpenSSH_9.6\r\n") as (port, _):
        assert failed(server(port)).reason is Reason.GARBLED


def test_a_port_where_nobody_listens_and_a_name_that_leads_nowhere_are_asked_again() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    assert failed(server(port)).reason is Reason.UNREACHABLE
    assert failed(server(25, host="mail.invalid")).reason is Reason.UNREACHABLE


@pytest.mark.attack
def test_a_name_that_leads_to_a_private_address_is_not_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    with serve_script(GREETING) as (port, heard):
        place = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [place])
        error = failed(server(port, host="mail.example.org", hosts=AllowedHosts(())))
    assert error.reason is Reason.UNREACHABLE
    assert "expected a public address, or one listed in hosts" in str(error)
    assert heard == []


def test_the_greeting_names_the_address_of_this_machine_and_looks_up_no_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(socket, "getfqdn", lambda *_: pytest.fail("looked up"))
    with serve_script(*TAKES, b"250 OK\r\n") as (port, heard):
        send(server(port))
    assert heard[0] == b"ehlo [127.0.0.1]\r\n"
