"""A channel in memory, which keeps what it was given and answers as it is told."""

from collections import deque

from brentwatch.notify.messages import Message, Receipt, Revisions


class MemoryChannel:
    """`answers` come in their order: an error is raised; without any, each message is accepted."""

    def __init__(self, revisions: Revisions = Revisions.EDIT) -> None:
        self.revisions = revisions
        self.shows_chart = False
        self.answers: deque[Exception | Receipt] = deque()
        self.given: list[Message] = []
        self.accepted: list[Message] = []

    def send(self, message: Message) -> Receipt:
        """Accept a message, unless it is told otherwise."""
        self.given.append(message)
        answer = self.answers.popleft() if self.answers else Receipt(f"m-{len(self.given)}")
        if isinstance(answer, Exception):
            raise answer
        self.accepted.append(message)
        return answer
