"""One channel's sender: what is sent when, in which order, and what each failure means."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from msgspec import Raw
from tests.notify.alerts import alert
from tests.notify.desk import NOON, make_route
from tests.notify.memory import MemoryChannel

from brentwatch.core.domain import Severity
from brentwatch.core.errors import SettingsError, Unavailable
from brentwatch.notify.messages import Message, ReadReceipt, Receipt, Rejected, Revisions
from brentwatch.notify.readers import ReaderWatch
from brentwatch.notify.senders import MOST_QUEUED, ChannelSender, Lease, Outcome
from brentwatch.notify.values import Pending
from brentwatch.telemetry.logs import make_logger
from brentwatch.telemetry.settings import TelemetrySettings
from brentwatch.web.failures import NoAnswer, Reason
from brentwatch.wire.published import encode_alert

LOG = make_logger(TelemetrySettings(log_level="error"), service="notify")


def pend(thread: str = "thread", **changes: Any) -> Pending:
    """A delivery of an alert, or of what `changes` say."""
    given: dict[str, Any] = {
        "channel": "chat",
        "thread": thread,
        "recorded_at": NOON,
        "severity": Severity.HIGH,
        "alert": Raw(encode_alert(alert())),
    }
    return Pending(**(given | changes))


@dataclass
class Bench:
    """A sender, its channel and a clock that stands until the test moves it."""

    revisions: Revisions = Revisions.EDIT
    settings: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.clock = 1000.0
        self.outcomes: list[Outcome] = []
        self.channel: MemoryChannel = MemoryChannel(self.revisions)
        self.lease = Lease(lambda: self.clock)
        self.lease.renew(1e9)
        self.open()

    def open(self) -> None:
        """A sender of the channel."""
        route = make_route("chat", self.revisions, **{"per_minute": 6000, **self.settings})
        self.sender = ChannelSender(
            route,
            self.channel,
            lambda: self.lease.is_valid,
            self.outcomes.append,
            LOG,
            now=lambda: self.clock,
        )

    def submit(self, *names: str, **changes: Any) -> None:
        for name in names:
            assert self.sender.submit(f"chat:{name}", pend(**changes))

    def run(self, seconds: float = 600.0) -> None:
        """Send until nothing is left, or the time is over."""
        end = self.clock + seconds
        while self.clock <= end:
            if not self.sender.turn():
                self.clock += max(self.sender.pace.measure_wait(), 1.0)

    @property
    def ends(self) -> list[tuple[str, str]]:
        return [(each.delivery.removeprefix("chat:"), each.outcome.value) for each in self.outcomes]

    @property
    def sent(self) -> list[str]:
        return [each.id for each in self.channel.accepted]


def test_an_accepted_message_is_told_with_what_the_receiver_calls_it() -> None:
    bench = Bench()
    bench.channel.answers.append(Receipt("ts-1", 200, "one of three refused"))
    bench.submit("a")
    bench.run()
    (outcome,) = bench.outcomes
    assert (outcome.message_id, outcome.status, outcome.detail) == ("ts-1", 200, "one of three refused")
    assert bench.ends == [("a", "accepted")]


AGAIN = [
    NoAnswer(Reason.UNREACHABLE, "no connection"),
    NoAnswer(Reason.TIMEOUT, "it hung"),
    NoAnswer(Reason.FAILED, "500", status=500),
    NoAnswer(Reason.FAILED, "503", status=503, retry_after=120.0),
    NoAnswer(Reason.FAILED, "408", status=408),
    NoAnswer(Reason.THROTTLED, "429", status=429, retry_after=7.0),
    Unavailable("the disk is full"),
    SettingsError("the file of the secret is gone"),
    MemoryError(),
]
NEVER = [
    NoAnswer(Reason.REFUSED, "401", status=401),
    NoAnswer(Reason.MISSING, "404", status=404),
    NoAnswer(Reason.REDIRECTED, "302", status=302),
    NoAnswer(Reason.CERTIFICATE, "it is of another host"),
    Rejected("no such recipient", status=550),
    ZeroDivisionError("a template"),
]


@pytest.mark.parametrize("error", AGAIN, ids=repr)
def test_what_fails_for_now_is_sent_again(error: Exception) -> None:
    bench = Bench()
    bench.channel.answers.append(error)
    bench.submit("a")
    began = bench.clock
    assert bench.sender.turn()
    wait = bench.sender.pace.measure_wait()
    assert wait >= (error.retry_after or 0.75 if isinstance(error, NoAnswer) else 0.75)
    assert not bench.sender.turn(), "not before the wait is over"
    bench.run()
    assert bench.ends == [("a", "retry"), ("a", "accepted")]
    assert bench.channel.given[0].id == bench.channel.given[1].id
    assert bench.clock > began


@pytest.mark.parametrize("error", NEVER, ids=repr)
def test_what_will_never_be_accepted_fails_at_once_and_holds_nothing_up(error: Exception) -> None:
    bench = Bench()
    bench.channel.answers.append(error)
    bench.submit("a", thread="one")
    bench.submit("b", thread="two")
    assert bench.sender.turn()
    assert bench.sender.turn(), "the next one does not wait"
    assert bench.ends == [("a", "failed"), ("b", "accepted")]


@pytest.mark.parametrize(
    "error",
    [NoAnswer(Reason.FAILED, "400", status=400), Rejected("invalid_blocks", is_formatting=True)],
    ids=repr,
)
def test_a_refused_formatting_is_sent_once_more_as_plain_text(error: Exception) -> None:
    bench = Bench()
    bench.channel.answers += [error, error]
    bench.submit("a")
    bench.run()
    assert [each.is_plain for each in bench.channel.given] == [False, True]
    assert bench.ends == [("a", "retry"), ("a", "failed")]


def test_a_channel_that_fails_is_left_alone_ever_longer_and_counts_as_down() -> None:
    bench = Bench()
    bench.submit("a")
    waits = []
    bench.channel.answers += [Unavailable("down")] * 12
    for _ in range(12):
        assert bench.sender.turn()
        waits.append(bench.sender.pace.measure_wait())
        bench.clock += waits[-1]
    assert waits[4] > waits[0]
    assert max(waits) <= 120.0
    assert bench.sender.pace.is_open
    bench.run()
    assert bench.ends[-1] == ("a", "accepted")
    assert not bench.sender.pace.is_open


def test_a_delivery_fails_at_its_deadline_and_is_not_sent_after_it() -> None:
    bench = Bench(settings={"deadline_minutes": 10})
    bench.channel.answers += [Unavailable("down")] * 100
    bench.submit("a")
    bench.run(1200)
    assert bench.ends[-1] == ("a", "failed")
    assert bench.outcomes[-1].reason == "deadline"
    before = len(bench.channel.given)
    bench.run(1200)
    assert len(bench.channel.given) == before


def test_what_was_recorded_before_its_deadline_is_over_is_not_sent_after_a_restart() -> None:
    bench = Bench(settings={"deadline_minutes": 10})
    assert bench.sender.submit("chat:old", pend("old"), age_seconds=601.0)
    assert bench.sender.submit("chat:new", pend("new"), age_seconds=599.0)
    bench.run(5)
    assert bench.ends == [("old", "failed"), ("new", "accepted")]


def test_a_message_that_is_refused_for_now_lets_other_threads_pass() -> None:
    bench = Bench()
    bench.channel.answers.append(NoAnswer(Reason.FAILED, "500", status=500))
    bench.submit("a", thread="one")
    bench.submit("b", thread="two")
    bench.run()
    assert bench.sent == ["b", "a"]


def test_a_newer_revision_takes_the_place_of_one_that_was_not_sent() -> None:
    bench = Bench()
    bench.submit("a1", pings=True, root="m")
    bench.submit("a2", pings=False, root="m")
    bench.run()
    assert bench.ends == [("a1", "superseded"), ("a2", "accepted")]
    assert [each.pings for each in bench.channel.accepted] == [True]


def test_a_newer_revision_takes_the_place_of_one_that_failed_for_now() -> None:
    bench = Bench()
    bench.channel.answers.append(Unavailable("down"))
    bench.submit("a1")

    send = bench.channel.send

    def send_and_supersede(message: Any) -> Receipt:
        if len(bench.channel.given) == 0:
            bench.submit("a2")
        return send(message)

    bench.channel.send = send_and_supersede  # type: ignore[method-assign] # a revision comes meanwhile
    bench.run()
    assert bench.ends == [("a1", "superseded"), ("a2", "accepted")]


def test_a_program_gets_all_revisions_in_their_order_whatever_fails() -> None:
    bench = Bench(Revisions.EVERY)
    bench.channel.answers.append(Unavailable("down"))
    bench.submit("a1", "a2", "a3", thread="a")
    bench.submit("b1", thread="b")
    bench.run()
    assert [each for each in bench.sent if each.startswith("a")] == ["a1", "a2", "a3"]
    assert bench.sent[0] == "b1"


def test_digests_and_notices_take_no_ones_place() -> None:
    bench = Bench()
    bench.submit("n1", "n2", alert=Raw(b"null"), lock_screen="Silenced", card="Silenced")
    bench.run()
    assert bench.sent == ["n1", "n2"]


def test_a_later_revision_is_told_the_root_that_this_process_has_sent() -> None:
    bench = Bench()
    bench.submit("a1")
    bench.run(1)
    bench.submit("a2")
    bench.run(1)
    assert [each.root for each in bench.channel.accepted] == [None, "m-1"]


def test_a_root_without_a_name_of_its_own_is_called_as_the_delivery() -> None:
    bench = Bench()
    bench.channel.answers.append(Receipt())
    bench.submit("a1")
    bench.run(1)
    bench.submit("a2")
    bench.run(1)
    assert bench.channel.accepted[-1].root == "chat:a1"


def test_the_same_delivery_is_queued_once() -> None:
    bench = Bench()
    bench.submit("a", "a")
    bench.run()
    assert bench.sent == ["a"]


def test_nothing_is_sent_without_a_lease_and_what_waited_is_sent_with_the_next() -> None:
    bench = Bench()
    bench.submit("a")
    bench.lease.renew(0.0)
    bench.run(60)
    assert not bench.channel.given
    bench.lease.renew(60.0)
    bench.run(1)
    assert bench.sent == ["a"]


def test_a_lease_runs_out_by_itself() -> None:
    bench = Bench()
    bench.lease.renew(7.5)
    bench.clock += 7.5
    bench.submit("a")
    assert not bench.sender.turn()


def test_what_waits_is_forgotten_with_the_partition_and_taken_up_anew() -> None:
    bench = Bench()
    bench.submit("a")
    bench.sender.drop()
    bench.run(5)
    assert not bench.channel.given
    bench.submit("a")
    bench.run(5)
    assert bench.sent == ["a"]


class ChannelLosingItsLease(MemoryChannel):
    """Fails its first attempt, while which the partition goes, and `happen` happens."""

    def __init__(self, bench: Bench, happen: Callable[[], object]) -> None:
        super().__init__()
        self.bench, self.happen = bench, happen

    def send(self, message: Message) -> Receipt:
        if not self.given:
            self.answers.append(Unavailable("down"))
            self.bench.sender.drop()
            self.happen()
        return super().send(message)


@pytest.mark.parametrize("is_taken_up_meanwhile", [False, True])
def test_what_failed_while_the_partition_went_is_only_sent_again_if_it_is_taken_up_anew(
    is_taken_up_meanwhile: bool,
) -> None:
    """Another process may have sent it since."""
    bench = Bench()
    bench.channel = ChannelLosingItsLease(bench, lambda: bench.submit("a") if is_taken_up_meanwhile else None)
    bench.open()
    bench.submit("a")
    bench.run()
    assert bench.sent == (["a"] if is_taken_up_meanwhile else [])
    bench.submit("b")
    bench.run()
    assert bench.sent[-1] == "b"


def test_a_full_queue_asks_to_come_again() -> None:
    bench = Bench(Revisions.EVERY)
    for number in range(MOST_QUEUED):
        assert bench.sender.submit(f"chat:{number}", pend(str(number)))
    assert not bench.sender.submit("chat:more", pend("more"))
    bench.sender.turn()
    assert bench.sender.submit("chat:more", pend("more"))


def test_a_channel_is_not_asked_more_often_than_its_settings_allow() -> None:
    bench = Bench(Revisions.EVERY, {"per_minute": 60})
    bench.submit(*map(str, range(30)))
    began = bench.clock
    bench.run(30)
    assert len(bench.sent) <= 5 + 31
    assert bench.clock - began >= 25


def test_a_clock_of_the_wall_is_never_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """A jump of the time of day ends no delivery and sends none twice."""
    monkeypatch.setattr("time.time", lambda: 0.0)
    bench = Bench()
    bench.channel.answers.append(Unavailable("down"))
    bench.submit("a")
    bench.run()
    assert bench.ends == [("a", "retry"), ("a", "accepted")]


class Read(MemoryChannel):
    """A channel that tells who has read a message."""

    readers: tuple[str, ...] = ()

    def find_readers(self, message_id: str) -> list[ReadReceipt]:
        if self.readers == ("away",):
            raise Unavailable("the channel does not say")
        return [ReadReceipt(f"{name} of {message_id}", NOON) for name in self.readers]


def test_each_reader_of_a_message_is_told_once_and_asked_for_once_a_minute() -> None:
    bench = Bench()
    channel = Read()
    told: list[str] = []
    watch = ReaderWatch(
        channel, lambda name, _, reader: told.append(f"{name}: {reader}"), lambda: bench.clock
    )
    watch.add("chat:a", pend(), "m-1")
    watch.add("chat:b", pend(), "")
    for readers, seconds in ((("anna",), 59), (("anna",), 1), (("away",), 60), (("anna", "ben"), 60)):
        channel.readers = readers
        bench.clock += seconds
        watch.ask()
    assert told == ["chat:a: anna of m-1", "chat:a: ben of m-1"]
    channel.readers = ("carl",)
    bench.clock += 24 * 3600
    watch.ask()
    assert len(told) == 2, "a message of yesterday is not asked for"
