"""What a channel is given to send, and what it gives back; each channel is one file in `channels/`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol, runtime_checkable

from brentwatch.core.domain import Alert, Severity, Stage


def name_severity(severity: Severity | None) -> str:
    """What people read; a heads-up has no severity."""
    return Stage.HEADS_UP.value if severity is None else severity.value


def rank_severity(severity: Severity | None) -> int:
    """As `Severity.rank`; a heads-up is below all."""
    return -1 if severity is None else severity.rank


class Revisions(StrEnum):
    """What a channel does with the later revisions of an alert thread.

    EDIT: the first message is edited in place, and important changes are posted below it. FOLLOW_UP: nothing
    can be edited; important changes are sent as messages that name the first one, at most two of them.
    EVERY: each revision is sent, as a program or a log wants it.
    """

    EDIT = "edit"
    FOLLOW_UP = "follow_up"
    EVERY = "every"


class Look(StrEnum):
    """How a message looks: each channel has one colour or symbol for each, beside the words."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    INFO = "info"
    HEADS_UP = "heads-up"
    ACKNOWLEDGED = "acknowledged"
    CLOSED = "closed"


COLOURS = {
    Look.CRITICAL: "#c92a2a",
    Look.HIGH: "#d9480f",
    Look.MEDIUM: "#e8a200",
    Look.INFO: "#1971c2",
    Look.HEADS_UP: "#343a40",
    Look.ACKNOWLEDGED: "#2b8a3e",
    Look.CLOSED: "#868e96",
}
"""The colour of the bar beside a message, where the receiver takes any colour."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message: an alert, a digest of alerts that were held back, or a notice (then `alert` is None).

    `severity` is None of a heads-up, and of a digest that holds nothing else.

    `id` is the same for each copy of it, and `thread` for all messages of one alert thread. `lock_screen` is
    one line, `card` at most six; `detail` has lines only where the channel's settings ask for them.
    `document` is the message as JSON: an alert as on its topic. `png` and `svg` are the chart, None where
    there is none.

    `root` is what the receiver called the first message of the thread, None for a first one. `pings`: the
    change is important, so it is to be posted below the root, beside an edit of the root. `is_closed`: the
    thread is over or the move was withdrawn. `acknowledged` says by whom and when, or is empty. `is_plain`:
    the receiver refused the formatting, send it without any. `is_test` messages say TEST first.
    """

    id: str
    thread: str
    lock_screen: str
    card: str
    detail: tuple[str, ...] = ()
    severity: Severity | None
    alert: Alert | None = None
    document: bytes = b"{}"
    png: bytes | None = None
    svg: bytes | None = None
    root: str | None = None
    pings: bool = True
    is_closed: bool = False
    acknowledged: str = ""
    is_plain: bool = False
    is_test: bool = False

    @property
    def lines(self) -> list[str]:
        """The lock screen, the card, who acknowledged it, and the detail, line by line; TEST first.

        The card is left out if it repeats the lock screen, as that of a short notice does.
        """
        first = f"TEST · {self.lock_screen}" if self.is_test else self.lock_screen
        card = [] if self.card == self.lock_screen else self.card.split("\n")
        return [first, *card, *filter(None, [self.acknowledged]), *self.detail]

    @property
    def look(self) -> Look:
        """That of its state, and of its severity while nobody acknowledged it and it is not over."""
        if self.is_closed:
            return Look.CLOSED
        if self.acknowledged:
            return Look.ACKNOWLEDGED
        return Look.HEADS_UP if self.severity is None else Look(self.severity)


@dataclass(frozen=True, slots=True)
class Receipt:
    """The receiver accepted a message.

    `message_id` is what the receiver calls it (empty where it says nothing), by which it can be edited.
    `status` is that of HTTP or SMTP; `detail` says what was left out, a refused recipient for one.
    """

    message_id: str = ""
    status: int | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class ReadReceipt:
    """A person who has read a message, and when."""

    name: str
    read_at: datetime


class Rejected(Exception):
    """The receiver will not accept this message, now or later; `status` is its code where it gave one.

    `is_formatting`: the same words might be accepted as plain text.
    """

    def __init__(self, said: str, *, status: int | None = None, is_formatting: bool = False) -> None:
        super().__init__(said)
        self.status = status
        self.is_formatting = is_formatting


class Channel(Protocol):
    """A way to the people or programs that wait for alerts. One thread at a time uses it."""

    revisions: Revisions
    shows_chart: bool

    def send(self, message: Message) -> Receipt:
        """Send one message, or edit the root that it names and post below it; return when it is accepted.

        Raises:
            NoAnswer: from `web/`: its status and reason say whether the message is sent again.
            Unavailable: if it was not accepted now; it is sent again.
            Rejected: if it will never be.
        """


@runtime_checkable
class TellsReaders(Protocol):
    """A channel that tells who has read a message."""

    def find_readers(self, message_id: str) -> Sequence[ReadReceipt]:
        """The people who have read a message.

        Raises:
            Unavailable: if the channel does not say now.
        """
