"""The channel `email`: what arrives at a mail server on this machine, and what becomes of refusals."""

from __future__ import annotations

import logging
from email import message_from_bytes
from email.message import EmailMessage
from html import escape
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import SecretStr, ValidationError
from tests.kafka.certificates import Pair, self_signed
from tests.notify.alerts import message
from tests.notify.channels.contract import ChannelContract
from tests.web.mail_server import PASSWORD, TAKES, USER, MailFake, reset, serve_mail, serve_script

from brentwatch.core.errors import SettingsError, Unavailable
from brentwatch.notify.channels.email import Email, open_channel
from brentwatch.notify.channels.email_settings import EmailSettings
from brentwatch.notify.messages import Message, Receipt, Rejected, Revisions
from brentwatch.web.addresses import MailSecurity
from brentwatch.web.failures import NoAnswer

if TYPE_CHECKING:
    from collections.abc import Iterator

THREE = ("a@example.org", "b@example.org", "c@example.org")
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    return self_signed(tmp_path_factory.mktemp("mail"), "server")


@pytest.fixture
def fake(own: Pair) -> Iterator[MailFake]:
    with serve_mail(own, auth=True) as made:
        yield made


@pytest.fixture
def channel(fake: MailFake, own: Pair) -> Email:
    return make_channel(fake.port, own)


def make_channel(port: int, own: Pair, **changes: Any) -> Email:
    told: dict[str, Any] = {
        "server": f"127.0.0.1:{port}",
        "hosts": ["127.0.0.1"],
        "ca_file": str(own.certificate),
        "user": USER,
        "password": PASSWORD,
        "sender": "alerts@desk.example",
        "to": THREE,
        "timeout_seconds": 20,
    }
    return open_channel(EmailSettings(**told | changes))


def make_plain(port: int, own: Pair, **changes: Any) -> Email:
    """Without encryption and log-in, for servers that follow a script."""
    return make_channel(port, own, security="plain", user="", password=None, to=THREE[:1], **changes)


def part(mail: EmailMessage, kind: str) -> EmailMessage:
    return next(each for each in mail.walk() if each.get_content_type() == kind)


def text_of(mail: EmailMessage, kind: str = "text/plain") -> str:
    return str(part(mail, kind).get_content())


class TestEmail(ChannelContract):
    @pytest.fixture(autouse=True)
    def make(self, fake: MailFake, own: Pair) -> None:
        self.fake = fake
        self.channel = make_channel(fake.port, own)

    def arrived(self) -> list[str]:
        return [text_of(each) for each in self.fake.messages]


def test_text_and_html_say_the_same_and_the_chart_stands_in_the_html(fake: MailFake, channel: Email) -> None:
    sent = message(detail=("Other models: p = 0.41",), png=PNG)
    channel.send(sent)
    (mail,) = fake.messages
    assert mail["Subject"] == sent.lock_screen
    assert (mail["From"], mail["To"]) == ("alerts@desk.example", ", ".join(THREE))
    assert mail["Auto-Submitted"] == "auto-generated"
    assert text_of(mail).splitlines() == [*sent.lines[:-1], "", sent.lines[-1]]
    html = text_of(mail, "text/html")
    places = [html.index(f">{escape(line)}<") for line in sent.lines]
    assert places == sorted(places)
    assert places[-2] < html.index('<img src="cid:chart"') < places[-1]
    picture = part(mail, "image/png")
    assert (picture["Content-ID"], picture.get_content_disposition()) == ("<chart>", "inline")
    assert picture.get_content() == PNG


def test_without_a_chart_none_is_shown(fake: MailFake, channel: Email) -> None:
    channel.send(message())
    assert "<img" not in text_of(fake.messages[0], "text/html")


def test_a_test_message_says_so_first(fake: MailFake, channel: Email) -> None:
    channel.send(message(is_test=True))
    assert fake.messages[0]["Subject"].startswith("TEST · ")


def test_plain_text_is_text_alone(fake: MailFake, channel: Email) -> None:
    channel.send(message(png=PNG, is_plain=True))
    assert fake.messages[0].get_content_type() == "text/plain"


def test_copies_have_the_same_id_and_another_message_another(fake: MailFake, channel: Email) -> None:
    first = channel.send(message(id="a:1"))
    again = channel.send(message(id="a:1", is_plain=True))
    other = channel.send(message(id="a:2"))
    ids = [mail["Message-ID"] for mail in fake.messages]
    assert ids == [first.message_id, again.message_id, other.message_id]
    assert ids[0] == ids[1] != ids[2]
    assert ids[0].endswith("@desk.example>")


def test_a_revision_answers_the_first_message(fake: MailFake, channel: Email) -> None:
    assert channel.revisions is Revisions.FOLLOW_UP
    root = channel.send(message()).message_id
    channel.send(message(id="second", root=root))
    first, second = fake.messages
    assert first["In-Reply-To"] is first["References"] is None
    assert second["In-Reply-To"] == second["References"] == root


@pytest.mark.attack
@pytest.mark.parametrize(
    "hostile",
    [
        "x\r\nBcc: thief@example.org\r\n\r\nbody",
        "=?utf-8?q?x=0d=0aBcc:_thief=40example.org?=",
        "=?utf-8?b?eA0KQmNjOiB0aGllZkBleGFtcGxlLm9yZw==?=",
        "x\u2028Bcc: thief@example.org",
        "x\x0bBcc: thief@example.org",
        "\ud800 lone",
        "x" * 5000,
        "\r\n.\r\nQUIT\r\n",
    ],
)
def test_foreign_text_makes_no_header_and_no_recipient(fake: MailFake, channel: Email, hostile: str) -> None:
    channel.send(message(lock_screen=hostile, card=hostile, id=hostile, root=f"<{hostile}>"))
    (mail,) = fake.messages
    named = {"From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type"}
    assert set(mail.keys()) <= named | {"In-Reply-To", "References", "X-Peer", "X-MailFrom", "X-RcptTo"}
    assert fake.taken[0][0] == list(THREE)
    head = fake.taken[0][1].partition(b"\r\n\r\n")[0]
    assert head.isascii()
    assert max(map(len, head.split(b"\r\n"))) <= 998


@pytest.mark.attack
def test_foreign_text_is_escaped_in_html(fake: MailFake, channel: Email) -> None:
    channel.send(message(card='<script>x</script> & "quoted"', png=PNG, lock_screen='"><img src=x>'))
    html = text_of(fake.messages[0], "text/html")
    assert "&lt;script&gt;x&lt;/script&gt; &amp; &quot;quoted&quot;" in html
    assert html.count("<img") == 1


def test_one_refused_recipient_of_three_is_named_and_two_have_it(fake: MailFake, channel: Email) -> None:
    fake.refusals = {"b@example.org": "550 5.1.1 unknown"}
    receipt = channel.send(message())
    assert receipt == Receipt(receipt.message_id, 250, "b@example.org was refused (550)")
    assert fake.taken[0][0] == ["a@example.org", "c@example.org"]


def test_where_all_are_refused_it_is_rejected(fake: MailFake, channel: Email) -> None:
    fake.refusals = dict.fromkeys(THREE, "550 5.1.1 unknown")
    with pytest.raises(Rejected, match=r"a@example\.org was refused \(550\)") as caught:
        channel.send(message())
    assert (caught.value.status, caught.value.is_formatting) == (550, False)


@pytest.mark.parametrize(("command", "said"), [("MAIL", "421 busy"), ("DATA", "451 4.3.0 later")])
def test_a_refusal_for_now_is_tried_again(fake: MailFake, channel: Email, command: str, said: str) -> None:
    fake.says = {command: said}
    with pytest.raises(Unavailable, match=said[:3]) as caught:
        channel.send(message())
    assert not isinstance(caught.value, NoAnswer)


@pytest.mark.parametrize(
    ("said", "is_formatting"),
    [
        ("550 5.7.1 spam", False),
        ("554 5.6.0 bad content", True),
        ("554 5.6.10 bad content", True),
        ("552 5.3.4 too large", True),
        ("552 too large", True),
        ("550 5.60.1 other", False),
    ],
)
def test_a_refusal_for_good_says_whether_plain_text_may_work(
    fake: MailFake, channel: Email, said: str, is_formatting: bool
) -> None:
    fake.says = {"DATA": said}
    with pytest.raises(Rejected) as caught:
        channel.send(message())
    assert (caught.value.status, caught.value.is_formatting) == (int(said[:3]), is_formatting)


def test_a_wrong_certificate_and_a_missing_starttls_are_not_tried_again(own: Pair) -> None:
    with serve_mail(own) as fake, pytest.raises(Rejected, match="certificate"):
        make_channel(fake.port, own, ca_file=None).send(message())
    with serve_mail(own, starttls=False) as fake, pytest.raises(Rejected, match="STARTTLS"):
        make_channel(fake.port, own).send(message())


def test_a_server_that_dies_after_it_has_the_message_gets_a_copy_with_the_same_id(own: Pair) -> None:
    heard: list[bytes] = []
    for after in (reset, b"250 OK\r\n"):
        with serve_script(*TAKES, after) as (port, said):
            try:
                make_plain(port, own).send(message())
            except NoAnswer:
                assert after is reset
            heard.append(said[4])
    first, second = (str(message_from_bytes(each)["Message-ID"]) for each in heard)
    assert first == second
    assert first.endswith("@desk.example>")


def test_it_needs_a_server_a_sender_and_recipients() -> None:
    with pytest.raises(SettingsError) as caught:
        open_channel(EmailSettings())
    assert [fault.split(" is missing")[0] for fault in caught.value.faults] == [
        "notify.email.server",
        "notify.email.sender",
        "notify.email.to",
    ]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"server": "mail.example.org", "security": "plain"}, "security starttls or tls"),
        ({"password": "x", "password_file": "y"}, "either password or password_file"),
        ({"to": ["a@example.org\r\nBcc: b@example.org"]}, "to"),
        ({"to": ["a@example.org\n"]}, "to"),
        ({"sender": "Desk <a@example.org>"}, "sender"),
        ({"server": "mail.example.org\r\n"}, "host:port"),
        ({"server": "mail.example.org:65536"}, "host:port"),
    ],
)
def test_settings_that_cannot_work_are_refused(given: dict[str, Any], expected: str) -> None:
    with pytest.raises(ValidationError, match=expected):
        EmailSettings(**given)


def test_the_usual_port_of_each_kind_of_encryption() -> None:
    assert [each.port for each in MailSecurity] == [587, 465, 25]
    assert EmailSettings(server="mail.example.org").host_and_port == ("mail.example.org", 587)
    assert EmailSettings(server="[::1]:2525", security=MailSecurity.PLAIN).host_and_port == ("::1", 2525)


@pytest.mark.attack
def test_the_password_is_in_no_error_log_or_repr(own: Pair, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    said: list[str] = []

    def fail(channel: Email, sent: Message) -> None:
        with pytest.raises((Rejected, Unavailable)) as caught:
            channel.send(sent)
        said.extend([str(caught.value), repr(caught.value), repr(caught.value.__cause__), repr(channel)])

    with serve_mail(own, auth=True) as fake:
        for says in ({"MAIL": f"550 {PASSWORD}"}, {"DATA": f"451 {PASSWORD}"}):
            fake.says = says
            fail(make_channel(fake.port, own), message())
        fail(make_channel(fake.port, own, user="other"), message())
        fail(make_channel(fake.port, own, password=f"{PASSWORD}é"), message())
        fail(make_channel(fake.port, own, ca_file=None), message())
        assert PASSWORD.encode() in fake.log_ins
    fail(make_channel(fake.port, own), message())
    settings = EmailSettings(user=USER, password=SecretStr(PASSWORD))
    said += [repr(settings), str(settings), repr(settings.secret)]
    ours = [record.getMessage() for record in caplog.records if not record.name.startswith("mail.")]
    assert len(said) == 27
    assert not any(PASSWORD in each for each in [*said, *ours])
