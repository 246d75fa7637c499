"""Answers that people give in a chat: what they are, who listens for them, and what a button carries.

A listener asks the chat's servers for answers over a connection of its own, so no port is open here.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from enum import StrEnum
from threading import Event
from typing import Protocol

from brentwatch.core.errors import Unavailable
from brentwatch.notify.messages import Rejected
from brentwatch.web.failures import Backoff, NoAnswer
from brentwatch.wire.deliveries import AnswerKind


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatAnswer:
    """One answer: `by` whom, to which `thread` of alerts, and by which `channel`.

    `id` is the same if the chat hands out the same answer again.
    """

    id: str
    kind: AnswerKind
    thread: str
    by: str
    channel: str


class Heard(StrEnum):
    """The result of an update that a listener received; metrics count by it."""

    ACCEPTED = "accepted"
    UNKNOWN = "unknown"  # from a chat or a person that the settings do not name
    UNREADABLE = "unreadable"
    FAILED = "failed"  # it could not be accepted, or the chat could not be asked


Accept = Callable[[ChatAnswer], None]
"""Takes an answer for good. It raises Unavailable if it cannot: the answer is then fetched again."""

Note = Callable[[Heard, str], None]
"""Counts what became of an answer, with a sentence for the log, which names no secret."""


class Listener(Protocol):
    """Hands on what people answer by one channel."""

    def run(self, stop: Event, accept: Accept) -> None:
        """Listen until `stop` is set. No failure ends it: it is noted, and the chat is asked again later."""


@dataclass(frozen=True, slots=True)
class People:
    """The people who may answer: those in one chat or channel, all or only those with an id in `users`."""

    place: str
    users: Collection[str] = ()

    def includes(self, user: str, *places: str) -> bool:
        """True for a person who may answer there; `places` are the names of the place."""
        return self.place in places and (not self.users or user in self.users)


def hand_on(answer: ChatAnswer, accept: Accept, note: Note) -> bool:
    """Give an answer to who accepts it; False if it failed for good.

    Raises:
        Unavailable: if it is to be fetched again.
    """
    try:
        accept(answer)
    except (MemoryError, Unavailable):
        raise
    except Exception as error:  # noqa: BLE001 - one answer that fails does not stop the next
        note(Heard.FAILED, f"an answer by {answer.channel} was not accepted: {type(error).__name__}")
        return False
    note(Heard.ACCEPTED, f"{answer.by} answered by {answer.channel}: {answer.kind} {answer.thread}")
    return True


def keep_asking(stop: Event, ask: Callable[[], None], note: Note, backoff: Backoff) -> None:
    """Call `ask` until `stop` is set, after a failure with back-off or when the chat wishes."""
    failures = 0
    while not stop.is_set():
        try:
            ask()
        except Exception as error:  # noqa: BLE001 - whatever it is, people must be heard again
            failures += 1
            is_told = isinstance(error, Unavailable | Rejected)  # any other may quote anything
            note(Heard.FAILED, str(error) if is_told else type(error).__name__)
            wished = (error.retry_after if isinstance(error, NoAnswer) else None) or 0.0
            stop.wait(max(backoff.draw_wait(failures), wished))
        else:
            failures = 0
