"""`brentwatch alerts`: wrong use, tests of channels without Kafka, and what is shown of hostile records."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import click
import pytest
from msgspec import Raw
from tests.notify.alerts import alert
from tests.notify.channels.receivers import CANARY, KEY, SlackFake, WebhookFake

from brentwatch import cli
from brentwatch.commands.alerts.asking import NothingMatched, choose, find_person, parse_duration
from brentwatch.commands.alerts.describing import (
    build_channel_table,
    build_thread_object,
    build_thread_table,
    describe_record,
    describe_silence,
    describe_thread,
)
from brentwatch.commands.alerts.trying import try_to_send
from brentwatch.commands.options import parse_time
from brentwatch.commands.process import ExitCode
from brentwatch.core.domain import Direction, Severity, Stage
from brentwatch.core.errors import SettingsError, Unavailable
from brentwatch.message.tables import print_table
from brentwatch.notify.channels.table import open_channel
from brentwatch.notify.channels.terminal import TerminalSettings
from brentwatch.notify.listing import ChannelRow, ThreadRow
from brentwatch.notify.messages import Message, Receipt, Rejected, Revisions
from brentwatch.notify.sample import compose_sample
from brentwatch.notify.values import Acknowledged, AlertThread, ChannelRecord, ShownThread, Silence
from brentwatch.web.failures import NoAnswer, Reason
from brentwatch.wire.deliveries import AnswerKind, AnswerRecord, AttemptOutcome, AttemptRecord, DueRecord
from brentwatch.wire.published import decode_alert, encode_alert

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOBODY = ("--set", "kafka.bootstrap=127.0.0.1:1")
NOON = datetime(2022, 1, 5, 12, tzinfo=UTC)
ESC = "\x1b[2J\u202e\n"
CONTEXT = click.Context(click.Command("x"))
OPTION = click.Option(["--x"])


@pytest.mark.parametrize(
    "words",
    [
        ("list", "--since", "yesterday"),
        ("list", "--severity", "loud"),
        ("show",),
        ("feedback", "01", "maybe"),
        ("resend", "01", "--channel", "pigeon"),
        ("silence",),
        ("silence", "--for", "soon"),
        ("silence", "--for", "25h"),
        ("silence", "--for", "1h", "--reason", "x" * 501),
        ("ack", "01", "--by", " "),
        ("test", "pigeon"),
        ("export",),
        ("export", "--from", "2022-01-05", "--to", "2022-01-05"),
        ("export", "--verify", "x", "--out", "y"),
    ],
    ids=" ".join,
)
def test_a_wrong_use_is_told_before_a_broker_is_asked(words: tuple[str, ...]) -> None:
    assert cli.main(["alerts", *words, *NOBODY]) == 2


@pytest.mark.parametrize(
    "words",
    [("list",), ("channels",), ("ack", "01"), ("silence", "--for", "25h", "--longer-than-a-day"),
     ("export", "--from", "2022-01-05", "--to", "2022-01-06")],
    ids=" ".join,
)  # fmt: skip
def test_without_a_broker_a_command_says_so(words: tuple[str, ...]) -> None:
    assert cli.main(["alerts", *words, *NOBODY]) == 6


@pytest.mark.parametrize(
    ("text", "minutes"), [("30m", 30), ("2h", 120), ("1h30m", 90), ("1d", 1440), ("1d2h3m", 1563)]
)
def test_a_duration_is_days_hours_and_minutes(text: str, minutes: int) -> None:
    assert parse_duration(CONTEXT, OPTION, text) == timedelta(minutes=minutes)


@pytest.mark.parametrize("text", ["", "0m", "2", "-1h", "h", "90s", "1m2h", "367d", "٣h", "1h\n"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(click.BadParameter, match="expected a duration of 1m to 366d, such as 30m"):
        parse_duration(CONTEXT, OPTION, text)


def test_a_time_without_an_offset_is_in_utc() -> None:
    assert parse_time(CONTEXT, OPTION, "2022-01-05T12:00") == NOON
    assert parse_time(CONTEXT, OPTION, "2022-01-05T13:00+01:00") == NOON


def test_who_answers_is_the_login_or_the_name_that_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGNAME", "carol")
    assert find_person(CONTEXT, OPTION, None) == "carol"
    assert find_person(CONTEXT, OPTION, f"an{ESC}na") == "an[2J na"


def test_an_unknown_id_is_told_the_nearest_and_an_ambiguous_one_its_meanings() -> None:
    names = {each: each for each in ("0123aaaa", "0123bbbb", "ffffffff")}
    assert choose(names, "f", "alert", "brentwatch alerts list") == "ffffffff"
    with pytest.raises(click.UsageError, match="matches 2 alerts: 0123aaaa, 0123bbbb; expected"):
        choose(names, "0123", "alert", "brentwatch alerts list")
    for unknown in ("fffffffe", ""):
        with pytest.raises(
            NothingMatched, match=r"the nearest are .*ffffffff.* `brentwatch alerts list`"
        ) as told:
            choose(names, unknown, "alert", "brentwatch alerts list")
        assert told.value.exit_code == 4
    with pytest.raises(NothingMatched, match="there is no silence"):
        choose({}, "x", "silence", "brentwatch alerts channels")


def test_the_terminal_shows_the_sample_alert_as_a_test(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["alerts", "test", "terminal"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("TEST · CRITICAL")
    assert "Abqaiq" in out
    assert "\naccepted by terminal in 0.0" in out


def test_a_file_gets_the_sample_alert_marked_as_a_test(tmp_path: Path) -> None:
    path = tmp_path / "alerts.jsonl"
    assert cli.main(["alerts", "test", "jsonl", "--set", f"notify.jsonl.path={path}"]) == 0
    written = path.read_bytes()
    assert json.loads(written)["test"] is True
    assert decode_alert(written).alert.events[0].place == "Abqaiq"


def test_each_test_is_a_thread_and_a_message_of_its_own() -> None:
    first, second = sample("test-1"), sample("test-2")
    assert (first.id, first.thread, second.id) == ("test-1", "test-1", "test-2")
    assert first.is_test


@pytest.fixture(name="fake")
def _fake(monkeypatch: pytest.MonkeyPatch) -> Iterator[WebhookFake]:
    with WebhookFake() as fake:
        monkeypatch.setenv("BRENTWATCH_NOTIFY__WEBHOOK__HOSTS", "127.0.0.1")
        monkeypatch.setenv("BRENTWATCH_NOTIFY__WEBHOOK__URL", f"{fake.url}/{CANARY}?token={CANARY}")
        monkeypatch.setenv("BRENTWATCH_NOTIFY__WEBHOOK__SECRET", KEY)
        yield fake


def test_a_channel_that_notify_channels_does_not_name_is_tested_by_its_variables_alone(
    fake: WebhookFake, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["alerts", "test", "webhook"]) == 0
    (shown,) = fake.shown()
    assert json.loads(shown)["test"] is True
    (name,) = fake.taken
    out = capsys.readouterr().out
    assert out.startswith("accepted by webhook in 0.")
    assert f"s, status 204, message {name}; look for 'TEST · CRITICAL" in out


def test_a_newcomer_sees_the_abqaiq_alert_in_slack_with_one_command(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("BRENTWATCH_NOTIFY__SLACK__HOSTS", "127.0.0.1")
    address = tmp_path / "url"
    with SlackFake() as fake:
        hook = f"{fake.url}/services/T1/B1/{CANARY}"
        address.write_text(hook)
        assert cli.main(["alerts", "test", "slack", "--set", f"notify.slack.url_file={address}"]) == 0
        monkeypatch.setenv("BRENTWATCH_NOTIFY__SLACK__URL", hook)
        assert cli.main(["alerts", "test", "slack"]) == 0
        first, second = fake.shown()
    for shown in (first, second):
        assert shown.startswith("TEST · CRITICAL")
        assert "Abqaiq" in shown
    assert capsys.readouterr().out.count("accepted by slack in 0.") == 2


def test_its_address_may_stand_in_a_file(
    fake: WebhookFake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("BRENTWATCH_NOTIFY__WEBHOOK__URL")
    address = tmp_path / "url.txt"
    address.write_text(f"{fake.url}/hook\n")
    assert cli.main(["alerts", "test", "webhook", "--set", f"notify.webhook.url_file={address}"]) == 0
    assert len(fake.shown()) == 1


def test_a_refusal_ends_with_1_and_tells_no_secret(
    fake: WebhookFake, capsys: pytest.CaptureFixture[str]
) -> None:
    fake.key = "whsec_YW5vdGhlci1rZXktYW5vdGhlci1rZXktYW5vdGhlcg=="
    assert cli.main(["alerts", "test", "webhook"]) == 1
    said = capsys.readouterr().err
    assert "webhook did not accept the test after 0." in said
    assert "(refused, status 401)" in said
    assert "check the secret or the address" in said
    assert CANARY not in said


def test_a_receiver_that_is_not_there_ends_with_6(
    fake: WebhookFake, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("BRENTWATCH_NOTIFY__WEBHOOK__URL", "http://127.0.0.1:1/hook")
    assert cli.main(["alerts", "test", "webhook"]) == 6
    assert "(unreachable)" in capsys.readouterr().err


def test_settings_that_cannot_work_end_with_3(
    fake: WebhookFake, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("BRENTWATCH_NOTIFY__WEBHOOK__URL")
    assert cli.main(["alerts", "test", "webhook"]) == 3
    assert "notify.webhook.url is missing; expected" in capsys.readouterr().err


class Scripted:
    """A channel that raises what it is given, one error a message, and then accepts."""

    revisions = Revisions.EVERY
    shows_chart = False

    def __init__(self, *errors: Exception) -> None:
        self._errors = list(errors)
        self.sent: list[Message] = []

    def send(self, message: Message) -> Receipt:
        self.sent.append(message)
        if self._errors:
            raise self._errors.pop(0)
        return Receipt(f"id{ESC}", 200, "one recipient was refused")


def sample(name: str = "test-1") -> Message:
    settings = TerminalSettings()
    return compose_sample("terminal", open_channel("terminal", settings), settings, name, NOON)[0]


def test_what_the_receiver_says_is_shown_without_control_characters(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert try_to_send("chat", Scripted(), sample(), iter([1.0, 3.5]).__next__) is ExitCode.OK
    assert capsys.readouterr().out.startswith(
        "accepted by chat in 2.50 s, status 200, message id[2J , one recipient was refused; look for 'TEST"
    )


def test_what_a_receiver_says_of_a_failure_is_shown_without_them_too(
    capsys: pytest.CaptureFixture[str],
) -> None:
    formatting = Rejected(f"a{ESC}b", is_formatting=True)
    try_to_send("chat", Scripted(formatting, Rejected(f"c{ESC}d https://x/?token=open-sesame")), sample())
    said = capsys.readouterr().err
    assert all(line.isprintable() for line in said.split("\n"))
    assert "a[2J b" in said
    assert "c[2J d https://x/?token=***" in said


def test_refused_formatting_is_sent_once_more_as_plain_text() -> None:
    no = Rejected("no", status=400, is_formatting=True)
    once = Scripted(no)
    assert try_to_send("chat", once, sample()) is ExitCode.OK
    assert [each.is_plain for each in once.sent] == [False, True]
    assert try_to_send("chat", Scripted(no, no), sample()) is ExitCode.FAILED


@pytest.mark.parametrize(
    ("error", "code", "remedy"),
    [
        (Rejected("no"), ExitCode.FAILED, "correct the settings"),
        (NoAnswer(Reason.MISSING, "gone", status=410), ExitCode.FAILED, "it may have been deleted"),
        (NoAnswer(Reason.REDIRECTED, "moved", status=302), ExitCode.FAILED, "redirects are not followed"),
        (NoAnswer(Reason.CERTIFICATE, "bad"), ExitCode.FAILED, "ca_file"),
        (NoAnswer(Reason.THROTTLED, "slow", status=429), ExitCode.UNREACHABLE, "limits the rate"),
        (NoAnswer(Reason.TIMEOUT, "late"), ExitCode.UNREACHABLE, "timeout_seconds"),
        (Unavailable("full"), ExitCode.UNREACHABLE, "try again later"),
    ],
    ids=str,
)
def test_a_failure_has_its_remedy_and_exit_code(
    error: Exception, code: ExitCode, remedy: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert try_to_send("chat", Scripted(error), sample()) is code
    assert remedy in capsys.readouterr().err


@pytest.mark.parametrize("error", [ZeroDivisionError("x"), SettingsError("x"), ModuleNotFoundError("x")])
def test_a_fault_of_ours_or_of_the_settings_is_raised(error: Exception) -> None:
    with pytest.raises(type(error)):
        try_to_send("chat", Scripted(error), sample())


ROW = ThreadRow(
    thread="0123456789abcdef0123",
    at=NOON,
    session=NOON.date(),
    stage=Stage.SETTLEMENT,
    severity=Severity.HIGH,
    lock_screen=f"Brent{ESC}up",
    channels={"slack": "sent", f"mail{ESC}": "failed"},
    acknowledged=Acknowledged(by=f"an{ESC}na", via="slack", at=NOON),
)


def test_hostile_words_do_nothing_to_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    channel = ChannelRow(
        channel=f"chat{ESC}",
        policy="",
        record=ChannelRecord(reason=ESC),
        ended=dict.fromkeys(("accepted", "failed", "superseded", "digested"), 0),
    )
    print_table(build_thread_table([ROW], [ROW.thread]), 200)
    print_table(build_channel_table([channel]), 300)
    out = capsys.readouterr().out
    assert "01234567 " in out
    assert all(line.isprintable() for line in out.split("\n"))
    silence = Silence(by=ESC, at=NOON, until=NOON, channel=f"c{ESC}", reason=ESC)
    assert describe_silence(f"s{ESC}", silence).isprintable()
    shown = ShownThread(
        alert_id="a",
        revision=1,
        severity=Severity.HIGH,
        direction=Direction.UP,
        figures="",
        seen_by=(ESC,),
    )
    thread = AlertThread(
        revisions={},
        newest=Raw(encode_alert(alert(title=f"Brent{ESC}"))),
        title="",
        severity=Severity.HIGH,
        at=NOON,
        channels={f"chat{ESC}": shown},
        acknowledged=ROW.acknowledged,
        feedback={ESC: True},
    )
    lines = list(describe_thread(f"t{ESC}", thread))
    assert all(line.isprintable() for line in lines)
    assert "seen on chat[2J by [2J" in lines
    attempt = AttemptRecord(
        delivery=ESC, channel=ESC, thread=ESC, number=1, outcome=AttemptOutcome.FAILED, at=NOON, run="r",
        latency_seconds=1.0, replica="r", reason=ESC, message_id=ESC, detail=ESC, status=500,
    )  # fmt: skip
    answer = AnswerRecord(id="i", answer=AnswerKind.SILENCE, at=NOON, by=ESC, via=ESC, channel=ESC)
    for record in (attempt, answer, DueRecord(timer=ESC, at=NOON)):
        assert describe_record(record).isprintable()


def test_a_thread_is_an_object_for_programs() -> None:
    assert build_thread_object(replace(ROW, acknowledged=None, channels={})) == {
        "thread": ROW.thread,
        "at": "2022-01-05T12:00:00+00:00",
        "session": "2022-01-05",
        "stage": "settlement",
        "severity": "high",
        "lock_screen": ROW.lock_screen,
        "channels": {},
        "acknowledged": None,
    }


def test_an_archive_that_is_not_there_or_was_changed_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["alerts", "export", "--verify", str(tmp_path / "none")]) == 7
    assert "cannot be read: No such file or directory; expected a file of" in capsys.readouterr().err
    archive = tmp_path / "archive.jsonl"
    archive.write_text("{}\n")
    assert cli.main(["alerts", "export", "--verify", str(archive)]) == 7
    assert "the chain breaks at line 1" in capsys.readouterr().err
