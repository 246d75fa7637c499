"""What a listener accepted and noted."""

from __future__ import annotations

from threading import Condition

from tests.kafka.patience import PATIENCE_SECONDS

from brentwatch.notify.answers.listener import ChatAnswer, Heard


class Heardings:
    """`refusals` are raised first, one each, instead of accepting."""

    def __init__(self) -> None:
        self.answers: list[ChatAnswer] = []
        self.noted: list[Heard] = []
        self.said: list[str] = []
        self.refusals: list[Exception] = []
        self._changed = Condition()

    def accept(self, answer: ChatAnswer) -> None:
        if self.refusals:
            raise self.refusals.pop(0)
        self.answers.append(answer)

    def note(self, heard: Heard, said: str) -> None:
        with self._changed:
            self.noted.append(heard)
            self.said.append(said)
            self._changed.notify_all()

    def wait_for(self, notes: int) -> bool:
        """True once so much was noted."""
        with self._changed:
            return self._changed.wait_for(lambda: len(self.noted) >= notes, PATIENCE_SECONDS)
