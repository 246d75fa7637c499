"""Which letters may be sent back, and as what: a function, without I/O.

Only `unrest.events` of the installation takes a message back. Not the timeline: its order is the only order,
and a record that is written again stands behind what was known after it; nor the alerts, which only the
monitor publishes. What is wrong there is mended where it is written.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from brentwatch.core.errors import InvalidInput
from brentwatch.stream.dead_topic import ATTEMPT
from brentwatch.stream.records import Outgoing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from brentwatch.stream.dead_topic import Letter

MOST_ATTEMPTS = 5


def prepare_replay(
    letter: Letter, events: str, body: bytes | None = None, *, force: bool = False
) -> Outgoing:
    """The message of `letter` for the partition where it stood, with its key, its headers and its attempt.

    Args:
        letter: the letter, whole.
        events: the topic that takes messages back, by its full name.
        body: what to send in place of the original bytes.
        force: also after `MOST_ATTEMPTS`.

    Raises:
        InvalidInput: if it may not be sent back, with every reason.
    """
    faults = tuple(_find_faults(letter, events, body, force))
    if faults:
        raise InvalidInput(*faults)
    kept = tuple((name, content) for name, content in letter.headers if name != ATTEMPT)
    return Outgoing(
        topic=letter.origin.topic,
        partition=letter.origin.number,  # not by the key: another client may have chosen by other rules
        key=letter.key,
        value=letter.value if body is None else body,
        headers=(*kept, (ATTEMPT, str(letter.attempt + 1).encode())),
    )


def _find_faults(letter: Letter, events: str, body: bytes | None, force: bool) -> Iterator[str]:
    if letter.origin.topic != events:
        yield (
            f"letter {letter.offset} comes from {letter.origin.topic}; one from {events} was wanted, since "
            "no other topic takes messages back: correct whoever writes there"
        )
    if letter.attempt >= MOST_ATTEMPTS and not force:
        yield (
            f"letter {letter.offset} was sent back {letter.attempt} times already; at most {MOST_ATTEMPTS} "
            "were wanted: correct it with --body FILE, and say --force"
        )
    if body is None and letter.truncated:
        yield (
            f"letter {letter.offset} is truncated (it had {letter.truncated}); the whole message was wanted: "
            "give it with --body FILE"
        )
    elif not (letter.value if body is None else body):
        yield f"letter {letter.offset} has no body to send; one was wanted: give it with --body FILE"
