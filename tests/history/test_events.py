from __future__ import annotations

from tests.history.folders import event

from brentwatch.history.event_files import read_events
from brentwatch.wire.input_faults import DeadLetterReason


def test_a_bad_line_is_listed_with_its_number_and_bytes_and_stops_nothing() -> None:
    early = event(
        "desk:2", "2022-01-05T10:00:00Z", occurred={"start": "2022-01-06T00:00:00Z", "precision": "day"}
    )
    lines = (
        event("desk:1", "2022-01-05T10:00:00Z"),
        "",
        "{broken",
        early,
        event("desk:3", "2022-01-06T10:00:00Z"),
    )

    file = read_events("\n".join(lines).encode())

    assert [document.event_id for document in file.documents] == ["desk:1", "desk:3"]
    assert [(letter.line, letter.reason, letter.original) for letter in file.dead_letters] == [
        (3, DeadLetterReason.NOT_JSON, b"{broken"),
        (4, DeadLetterReason.KNOWN_BEFORE_OCCURRED, early.encode()),
    ]
    assert all(letter.faults for letter in file.dead_letters)


def test_a_file_without_lines_holds_no_events() -> None:
    assert read_events(b"\n\n").documents == ()
