"""A web site on this machine that gives what a test says, whatever it is asked."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.web import stub
from tests.web.stub import Answer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.web.stub import Asked

__all__ = ["Answer", "Stub"]


class Stub(stub.Stub):
    """Answers every request with what `answer` gives for its path and query."""

    def __init__(self) -> None:
        super().__init__()
        self.answer: Callable[[str], Answer] = lambda _: Answer(status=404)

    def routes(self, asked: Asked) -> Answer:
        return self.answer(asked.target)

    def always(self, answer: Answer) -> None:
        """Answer so from now on."""
        self.answer = lambda _: answer

    @contextmanager
    def running(self) -> Iterator[Stub]:
        """Answer for as long as the context is open."""
        with self:
            yield self
