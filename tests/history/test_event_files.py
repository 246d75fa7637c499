from __future__ import annotations

import json
from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.event_study.series import ROOT

from brentwatch.core.errors import InvalidInput
from brentwatch.history.event_files import StudyEvent, StudyEvents, read_study_events

MINIMAL = json.loads((ROOT / "schemas" / "examples" / "unrest_event.v1" / "minimal.json").read_bytes())


def read(*rows: str, header: str = "event_id,date") -> StudyEvents:
    return read_study_events("e.csv", "\n".join((header, *rows)).encode())


def json_lines(*changes: dict[str, object]) -> StudyEvents:
    lines = [json.dumps({**MINIMAL, "event_id": "a:1", **change}) for change in changes]
    return read_study_events("e.jsonl", "\n".join(lines).encode())


def test_a_bare_date_stays_a_day_and_a_time_is_taken_as_it_is() -> None:
    assert read("kaz,2022-01-05", "abq,2019-09-14T02:45:00+02:00").events == (
        StudyEvent("kaz", date(2022, 1, 5)),
        StudyEvent("abq", datetime(2019, 9, 14, 0, 45, tzinfo=UTC)),
    )


@pytest.mark.parametrize(
    "day",
    ["", "hello", "2022-02-30", "20220105", "2022-01-05T10:00:00", "0001-01-01T00:00:00+14:00"],
)
def test_a_row_that_cannot_be_read_is_told_and_stops_nothing(day: str) -> None:
    file = read(f"a,{day}", "b,2022-01-05")

    assert [event.event_id for event in file.events] == ["b"]
    assert file.unreadable[0].startswith("row 2 of e.csv: date is ")
    assert "2019-09-14T00:45:00Z" in file.unreadable[0]


@pytest.mark.parametrize("time", ["14/09/2019 10:30", "2019-09-14 10:30:00", "14-Sep-2019 10:30"])
def test_a_time_without_its_zone_is_refused_with_both_remedies(time: str) -> None:
    (told,) = read(f"a,{time}").unreadable

    assert told.endswith(
        "expected a time with its offset, such as 2019-09-14T00:45:00Z for UTC, or a date alone; "
        "add the offset, or leave out the time"
    )


def test_an_event_without_a_name_is_told() -> None:
    assert read(",2022-01-05").unreadable == (
        "row 2 of e.csv: event_id is empty; expected a unique name; add it",
    )


def test_an_event_that_recurs_counts_once() -> None:
    file = read("a,2022-01-05", "a,2022-01-05")

    assert len(file.events) == 1
    assert file.notes == ("row 3 of e.csv repeats a: counted once",)


def test_one_name_with_two_dates_is_told() -> None:
    file = read("a,2022-01-05", "a,2022-01-06")

    assert file.events == (StudyEvent("a", date(2022, 1, 5)),)
    assert "a has the date 2022-01-06 here and 2022-01-05 further up" in file.unreadable[0]


def test_unrest_events_are_aligned_by_known_at() -> None:
    assert json_lines({"known_at": "2022-01-05T18:00:00+06:00"}).events == (
        StudyEvent("a:1", datetime(2022, 1, 5, 12, tzinfo=UTC)),
    )


def test_a_revision_does_not_carry_an_event_to_a_later_session() -> None:
    file = json_lines(
        {"known_at": "2022-01-06T12:00:00Z", "revision": 1, "status": "update"},
        {"known_at": "2022-01-05T12:00:00Z", "revision": 0},
    )

    assert file.events == (StudyEvent("a:1", datetime(2022, 1, 5, 12, tzinfo=UTC)),)


def test_a_retracted_event_is_left_out_and_told() -> None:
    file = json_lines({"revision": 0}, {"revision": 1, "status": "retract"}, {"event_id": "b:1"})

    assert [event.event_id for event in file.events] == ["b:1"]
    assert file.notes == ("a:1 of e.jsonl was retracted: left out",)


def test_a_line_that_is_no_event_is_told_and_stops_nothing() -> None:
    file = read_study_events("e.jsonl", json.dumps(MINIMAL).encode() + b"\n{broken\n")

    assert len(file.events) == 1
    assert file.unreadable[0].startswith("line 2 of e.jsonl: ")


@pytest.mark.parametrize("data", [b"", b"id,moment\na,2022-01-05\n", b"\xff\xfe", b"[]", b"\xff\xfea"])
def test_what_is_neither_table_nor_json_lines_is_a_fault(data: bytes) -> None:
    with pytest.raises(InvalidInput, match=r"JSON lines"):
        read_study_events("e.txt", data)


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm() -> None:
    data = b"\xef\xbb\xbfevent_id,date\r\na,2022-01-05\r\n"

    assert read_study_events("e.csv", data).events == (StudyEvent("a", date(2022, 1, 5)),)


@settings(max_examples=200, deadline=None)
@given(
    st.one_of(st.binary(), st.text(alphabet='event_id,date0123456789-T:Z{}\n"', max_size=80).map(str.encode))
)
def test_whatever_a_file_holds_it_is_events_or_a_sentence(data: bytes) -> None:
    for content in (data, b"event_id,date\n" + data, b"{" + data):
        try:
            read_study_events("e", content)
        except InvalidInput:
            continue
