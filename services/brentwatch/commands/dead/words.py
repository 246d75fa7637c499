"""Dead letters in words: a line each, one whole, and what was decided about them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from brentwatch.commands.printer import format_json_line
from brentwatch.message.foreign import clean, escape_text
from brentwatch.stream.dead_letters.topic import DeadTopic, Letter
from brentwatch.stream.dead_limit import Action

if TYPE_CHECKING:
    from rich.table import Table

_HEAD = ("offset", "written (UTC)", "reason", "from", "decided", "detail")
_ROW = 16


def build_table(letters: Sequence[Letter], topic: DeadTopic) -> Table:
    """A row for each letter; the detail is folded to the room that is left."""
    from rich.table import Table

    drawn = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)
    for name in _HEAD:
        drawn.add_column(name, justify="right" if name == "offset" else "left", no_wrap=name != _HEAD[-1])
    for letter in letters:
        drawn.add_row(*_build_row(letter, topic))
    return drawn


def _build_row(letter: Letter, topic: DeadTopic) -> tuple[str, ...]:
    origin = f"{letter.origin.topic} {letter.origin.number}:{letter.origin_offset}"
    decided = ", ".join(word for word, so in _list_decisions(letter, topic).items() if so)
    cells = (letter.reason, origin, decided, letter.detail)
    return (str(letter.offset), _format_time(letter) or "", *(clean(cell) for cell in cells))


def _list_decisions(letter: Letter, topic: DeadTopic) -> dict[str, bool]:
    return {"accepted": letter.offset < topic.accepted, "replayed": letter.offset in topic.replayed}


def _format_time(letter: Letter) -> str | None:
    return None if letter.written_at is None else f"{letter.written_at:%Y-%m-%d %H:%M:%S}"


def format_objects(letters: Sequence[Letter], topic: DeadTopic) -> Iterator[str]:
    """One JSON object a line for each letter."""
    for letter in letters:
        told = {
            "offset": letter.offset,
            "written_at": letter.written_at and letter.written_at.isoformat(),
            "reason": letter.reason,
            "detail": letter.detail,
            "topic": letter.origin.topic,
            "partition": letter.origin.number,
            "origin_offset": letter.origin_offset,
            "attempt": letter.attempt,
            "truncated": letter.truncated or None,
        }
        yield format_json_line(told | _list_decisions(letter, topic))


def summarise_letters(letters: Sequence[Letter]) -> str:
    """How many letters, and how many for each reason, the most frequent first."""
    reasons = Counter(clean(letter.reason) for letter in letters)
    told = ", ".join(f"{count} {reason}" for reason, count in reasons.most_common())
    number = "1 letter" if len(letters) == 1 else f"{len(letters)} letters"
    return f"{number}: {told}" if told else "no letters"


def describe_waiting(topic: DeadTopic, action: Action) -> Iterator[str]:
    """A sentence for each limit that waits to be accepted, and one for what is no letter.

    `action` is what the screen does at its limit: with "continue" no limit waits, and notes of one that did
    before say nothing.
    """
    if unread := topic.count_strangers():
        yield f"{unread} records on the dead-letter topic are not dead letters and are ignored"
    for note in topic.reached.values() if action == "stop" else ():
        yield (
            f"{clean(note.group)} stopped at its dead-letter limit (note at offset {note.offset}): "
            f"{clean(note.why)}; to continue, run `brentwatch dead accept`"
        )


def describe_letter(letter: Letter) -> Iterator[str]:
    """A letter whole: what is known of it, its headers, its body as text or, where it is none, in hex."""
    yield f"letter {letter.offset}, written {_format_time(letter) or 'at an unknown time'} UTC"
    origin = letter.origin
    yield f"from {escape_text(origin.topic)}, partition {origin.number}, offset {letter.origin_offset}"
    yield f"reason: {escape_text(letter.reason)}"
    yield from (f"  {escape_text(line)}" for line in letter.detail.split("\n"))
    yield f"attempt: {letter.attempt}"
    yield f"key: {'none' if letter.key is None else _format_short(letter.key)}"
    for name, content in letter.headers:
        yield f"header {escape_text(name)}: {_format_short(content)}"
    if letter.truncated:
        yield f"truncated: it had {escape_text(letter.truncated)}"
    yield f"body: {len(letter.value):,} bytes"
    yield from (f"  {line}" for line in format_body(letter.value))


def format_body(value: bytes) -> Iterator[str]:
    """The lines of a text in UTF-8, or the bytes in hex, sixteen a line."""
    try:
        lines = value.decode("utf-8").split("\n") if value else []
    except UnicodeDecodeError:
        for start in range(0, len(value), _ROW):
            part = value[start : start + _ROW]
            text = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in part)
            yield f"{start:08x}  {part.hex(' '):<{3 * _ROW - 1}}  {text}"
    else:
        yield from (escape_text(line.expandtabs(4)) for line in lines)


def _format_short(content: bytes) -> str:
    try:
        return escape_text(content.decode("utf-8"))
    except UnicodeDecodeError:
        return content.hex(" ")
