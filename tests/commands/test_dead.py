"""`brentwatch dead`: what it refuses before it asks a broker, and letters that fool nobody who looks."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from tests.screen.messages import message, without

from brentwatch import cli
from brentwatch.commands.dead.sending import preview_letter
from brentwatch.commands.dead.words import (
    build_table,
    describe_letter,
    describe_waiting,
    format_body,
    format_objects,
    summarise_letters,
)
from brentwatch.message.tables import print_table
from brentwatch.stream import Headers, Outgoing, Partition
from brentwatch.stream.dead_letters.notes import Reached
from brentwatch.stream.dead_letters.topic import DeadTopic, Letter

if TYPE_CHECKING:
    from pathlib import Path

ESC = "\x1b[2J"
NOBODY = ("--set", "kafka.bootstrap=127.0.0.1:1")
LETTER = Letter(
    offset=3,
    written_at=datetime(2022, 1, 5, 12, tzinfo=UTC),
    reason="schema",
    detail="country is missing\nand more",
    origin=Partition("unrest.events", 7),
    origin_offset=41,
    key=b"KAZ",
    value=b'{\n\t"a": 1}',
    headers=(("ce_id", b"1"),),
    truncated="",
    attempt=2,
)
HOSTILE = replace(
    LETTER,
    detail=f"{ESC}\u202efine",
    origin=Partition(f"unrest{ESC}", 1),
    key=ESC.encode(),
    value=f"{ESC}\rfine\n\u202e".encode(),
    headers=((ESC, ESC.encode()), ("bytes", b"\xff\x00")),
)


@pytest.mark.parametrize(
    "words",
    [
        ("replay",),
        ("replay", "1", "--all"),
        ("replay", "--all", "--reason", "schema"),
        ("replay", "--all", "--body", "x"),
        ("replay", "1", "2", "--body", "x"),
        ("replay", "-1"),
        ("show", "one"),
        ("list", "--since", "yesterday"),
        ("list", "--format", "xml"),
        ("accept", "--through", "all"),
    ],
    ids=" ".join,
)
def test_a_wrong_use_is_told_before_a_broker_is_asked(words: tuple[str, ...]) -> None:
    assert cli.main(["dead", *words, *NOBODY]) == 2


def test_a_body_that_is_not_there_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["dead", "replay", "1", "--body", str(tmp_path / "none"), *NOBODY]) == 7
    assert "cannot be read: No such file or directory" in capsys.readouterr().err


@pytest.mark.parametrize("words", [("list",), ("show", "1"), ("replay", "1"), ("accept",)], ids=" ".join)
def test_an_unreachable_broker_is_said(words: tuple[str, ...]) -> None:
    assert cli.main(["dead", *words, *NOBODY]) == 6


def test_a_table_has_a_row_for_each_letter_and_folds_what_is_long(capsys: pytest.CaptureFixture[str]) -> None:
    topic = DeadTopic(accepted=4, replayed={3})
    print_table(build_table([LETTER, replace(LETTER, detail="d" * 500)], topic), 110)
    lines = [line.rstrip() for line in capsys.readouterr().out.splitlines()]
    assert lines[1] == (
        "     3  2022-01-05 12:00:00  schema  unrest.events 7:41  accepted, replayed  "
        "country is missing and more"
    )
    assert "".join(lines[2:]).count("d") >= 500
    assert max(map(len, lines)) <= 110


def test_objects_hold_everything_that_is_known() -> None:
    (line,) = format_objects([LETTER], DeadTopic(accepted=3, replayed={9}))
    assert json.loads(line) == {
        "offset": 3,
        "written_at": "2022-01-05T12:00:00+00:00",
        "reason": "schema",
        "detail": "country is missing\nand more",
        "topic": "unrest.events",
        "partition": 7,
        "origin_offset": 41,
        "attempt": 2,
        "truncated": None,
        "accepted": False,
        "replayed": False,
    }


def to_send(value: bytes, headers: Headers = ()) -> Outgoing:
    return Outgoing(topic="unrest.events", value=value, headers=headers)


def test_a_letter_shows_what_it_would_say_before_it_is_sent() -> None:
    value = message(event_id="desk:1", country="SAU", provenance={"feed": "gdelt"})
    assert preview_letter(LETTER, to_send(value)) == (
        "event desk:1, feed gdelt, class riot, country SAU, known at 2022-01-05T10:10:00Z, reason schema"
    )
    assert preview_letter(LETTER, to_send(without("country"))).count("unknown") >= 1


@pytest.mark.attack
def test_a_letter_cannot_show_another_event_than_the_one_that_is_read() -> None:
    forged = json.loads(message(event_id="desk:real"))
    forged |= {"specversion": "1.0", "data": json.loads(message(event_id="desk:harmless"))}
    assert preview_letter(LETTER, to_send(json.dumps(forged).encode())).startswith("event desk:real,")


@pytest.mark.attack
@pytest.mark.parametrize(
    "value",
    [b"", b"\xff", b"[]", b"{", b"[" * 70_000, b'{"event_id": 1}', b'{"event_id": "\\u001b[2J\\u202e"}'],
    ids=range(7),
)
def test_what_cannot_be_read_is_unknown_and_moves_no_cursor(value: bytes) -> None:
    told = preview_letter(HOSTILE, to_send(value))
    assert "country unknown" in told
    assert told.isprintable()


def test_letters_are_counted_by_reason() -> None:
    other = replace(LETTER, reason="not_json")
    assert summarise_letters([other, LETTER, LETTER]) == "3 letters: 2 schema, 1 not_json"
    assert (summarise_letters([LETTER]), summarise_letters([])) == ("1 letter: 1 schema", "no letters")


def test_a_letter_is_shown_whole() -> None:
    assert list(describe_letter(LETTER)) == [
        "letter 3, written 2022-01-05 12:00:00 UTC",
        "from unrest.events, partition 7, offset 41",
        "reason: schema",
        "  country is missing",
        "  and more",
        "attempt: 2",
        "key: KAZ",
        "header ce_id: 1",
        "body: 10 bytes",
        "  {",
        '      "a": 1}',
    ]


def test_bytes_that_are_no_text_are_shown_in_hex() -> None:
    lines = list(format_body(b"\xffBRENT\x00" + bytes(range(16))))
    assert lines == [
        "00000000  ff 42 52 45 4e 54 00 00 01 02 03 04 05 06 07 08  .BRENT..........",
        "00000010  09 0a 0b 0c 0d 0e 0f                             .......",
    ]


def test_nothing_in_a_letter_moves_a_cursor() -> None:
    topic = DeadTopic(reached={5: Reached(5, ESC, f"{ESC}\n")})
    lines = [
        *(str(cell) for column in build_table([HOSTILE], topic).columns for cell in column.cells),
        *describe_letter(HOSTILE),
        *format_objects([HOSTILE], topic),
        *describe_waiting(topic, "stop"),
        summarise_letters([replace(LETTER, reason=ESC)]),
    ]
    assert [line for line in lines if not line.isprintable()] == []
    assert "  \\x1b[2J\\rfine" in lines
    assert "header bytes: ff 00" in lines
