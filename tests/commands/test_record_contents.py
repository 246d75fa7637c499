"""What the lines of a record say together, and the answers that people gave."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import msgspec
import pytest
from tests.replay.records import SPOT, find_signals, record_history

from brentwatch.commands.record.contents import gather_contents
from brentwatch.commands.record.sources import RecordSource, read_feedback
from brentwatch.commands.record.writing import write_record
from brentwatch.core.errors import InvalidInput
from brentwatch.history.rules import build_rules
from brentwatch.replay.record_file import load_record
from brentwatch.stream import Partition, Record
from brentwatch.wire.deliveries import AnswerKind, AnswerRecord, DueRecord, encode_delivery_record
from brentwatch.wire.hash_chain import HashChain
from brentwatch.wire.record_line import (
    AlertLine,
    FeedbackLine,
    Line,
    RevisionLine,
    SessionLine,
    read_record_lines,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOON = datetime(2019, 9, 17, 12, tzinfo=UTC)


def lines() -> list[Line]:
    return list(read_record_lines(record_history(), HashChain()))


def critical() -> str:
    return next(
        line.alert_id for line in lines() if isinstance(line, AlertLine) and line.severity == "critical"
    )


def answer(by: str, kind: AnswerKind, thread: str | None, name: str = "") -> AnswerRecord:
    return AnswerRecord(id=name or f"{by} {kind}", answer=kind, at=NOON, by=by, via="slack", thread=thread)


def stored(*values: AnswerRecord | DueRecord | bytes) -> Iterator[Record]:
    for offset, value in enumerate(values):
        data = value if isinstance(value, bytes) else encode_delivery_record(value)
        yield Record(partition=Partition("impact.deliveries", 0), offset=offset, value=data, timestamp=0)


def test_feedback_is_read_without_names_and_nothing_else_is() -> None:
    records = stored(
        answer("anna", AnswerKind.USEFUL, "one"),
        b"{",
        answer("anna", AnswerKind.FALSE_ALARM, "one"),
        answer("anna", AnswerKind.USEFUL, "two"),
        answer("bert", AnswerKind.ACKNOWLEDGE, "one"),
        answer("bert", AnswerKind.USEFUL, "one"),
        answer("bert", AnswerKind.SILENCE, None),
        DueRecord(timer="x", at=NOON),
    )
    found = list(read_feedback(records))

    assert [(each.offset, each.alert_id, each.answer) for each in found] == [
        (0, "one", "useful"),
        (2, "one", "false_alarm"),
        (3, "two", "useful"),
        (5, "one", "useful"),
    ]
    assert found[0].person == found[1].person
    assert len({found[0].person, found[2].person, found[3].person}) == 3
    assert "anna" not in found[0].person


def test_the_last_answer_of_a_person_counts() -> None:
    alert_id = critical()
    told = read_feedback(
        stored(
            answer("anna", AnswerKind.USEFUL, alert_id),
            answer("bert", AnswerKind.USEFUL, alert_id),
            answer("anna", AnswerKind.FALSE_ALARM, alert_id),
        )
    )
    contents = gather_contents([*lines(), *told])
    (rated,) = (each for each in contents.alerts if each.alert_id == alert_id)

    assert (rated.useful, rated.false_alarms) == (1, 1)


def test_an_answer_is_written_once_and_only_to_an_alert_of_the_record(tmp_path: Path) -> None:
    path, alert_id = tmp_path / "record.jsonl", critical()
    told = [
        answer("anna", AnswerKind.USEFUL, alert_id, "first"),
        answer("anna", AnswerKind.USEFUL, alert_id, "first"),
        answer("anna", AnswerKind.USEFUL, "an alert of another instrument", "second"),
    ]

    def read_from(offset: int) -> Iterator[FeedbackLine]:
        return read_feedback(each for each in stored(*told) if each.offset >= offset)

    source = RecordSource(
        rules=build_rules(SPOT),
        signals=find_signals(),
        closed_after=0,
        read_feedback=read_from,
        read_alerts=None,
    )

    def write_on(*more: AnswerRecord) -> list[str]:
        told.extend(more)
        write_record(str(path), source)
        return [line.answer_id for line in load_record(path) if isinstance(line, FeedbackLine)]

    assert write_on() == ["first"]
    assert write_on(answer("anna", AnswerKind.USEFUL, alert_id, "first")) == ["first"]
    assert write_on(answer("anna", AnswerKind.FALSE_ALARM, alert_id, "third")) == ["first", "third"]
    assert path.read_bytes().startswith(b"".join(record_history()))


def test_the_scores_use_the_last_revision_of_a_price() -> None:
    session = next(line for line in lines() if isinstance(line, SessionLine))
    revision = RevisionLine(
        number=9_999,
        input=session.input,
        known_at=NOON,
        session=session.session,
        close=71.0,
        log_return=0.123,
        p=0.001,
        pit=0.9995,
    )
    contents = gather_contents([*lines(), revision])
    (tested,) = (each for each in contents.tested if each.session == session.session)

    assert (tested.value, tested.p, tested.pit) == (0.123, 0.001, 0.9995)
    assert (contents.revised, gather_contents(lines()).revised) == (1, 0)
    with pytest.raises(InvalidInput, match="revises session 1999-01-01 before it has a line"):
        gather_contents([*lines(), msgspec.structs.replace(revision, session=date(1999, 1, 1))])
