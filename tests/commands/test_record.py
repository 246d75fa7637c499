"""`brentwatch record` writes, scores and verifies; one changed byte is found."""

from __future__ import annotations

import csv
import io
import json
import random
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from tests.fuzz.around import score_record
from tests.replay.records import SPOT, find_signals, record_history
from tests.wire.mutations import mutations
from tests.wire.validators import validator

from brentwatch.cli import main
from brentwatch.commands.record.contents import gather_contents
from brentwatch.commands.record.verifying import compare_values, verify_alerts
from brentwatch.core.domain import PublishAlert, Severity
from brentwatch.history.rules import build_rules
from brentwatch.replay.record_file import load_record
from brentwatch.replay.turns import replay_signals
from brentwatch.wire.hash_chain import HashChain

if TYPE_CHECKING:
    from pathlib import Path

HISTORY = "abqaiq-2019"


@pytest.fixture
def record(tmp_path: Path) -> Path:
    path = tmp_path / "record.jsonl"
    path.write_bytes(b"".join(record_history(HISTORY)))
    return path


def rechain(path: Path, number: int, **changes: object) -> None:
    """Change a line and chain the whole file again, as one would who wants to hide it."""
    entries = [json.loads(line) for line in path.read_bytes().splitlines()]
    entries[number] |= changes
    chain = HashChain()
    for entry in entries:
        del entry["previous"], entry["hash"]
    path.write_text("".join(chain.add(entry) + "\n" for entry in entries))


def test_write_adds_what_is_new_and_says_the_last_hash(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "new.jsonl"
    last = json.loads(record_history(HISTORY)[-1])["hash"]
    count = len(record_history(HISTORY))

    assert main(["record", "write", str(path), "--history", HISTORY]) == 0
    assert capsys.readouterr().out == f"added {count} lines; the record has {count}, last hash {last}\n"
    assert path.read_bytes() == b"".join(record_history(HISTORY))
    path.write_bytes(path.read_bytes()[:-30])
    assert main(["record", "write", str(path), "--history", HISTORY]) == 0
    answer = capsys.readouterr()
    assert answer.out == f"added 1 lines; the record has {count}, last hash {last}\n"
    assert "was cut off" in answer.err
    assert path.read_bytes() == b"".join(record_history(HISTORY))


def test_another_history_is_no_continuation(record: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["record", "write", str(record), "--history", "libya-2011"]) == 7
    assert "are not those that the record was written from" in capsys.readouterr().err
    assert record.read_bytes() == b"".join(record_history(HISTORY))


def test_one_flipped_bit_anywhere_is_found(record: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """At 300 places, and at every byte of the first and of the last line."""
    whole, dice = record.read_bytes(), random.Random(22)  # noqa: S311 - where to flip
    first, last = len(record_history(HISTORY)[0]), len(record_history(HISTORY)[-1])
    places = [*range(first), *range(len(whole) - last, len(whole))]
    places += [dice.randrange(len(whole)) for _ in range(300)]
    for place in places:
        flipped = bytearray(whole)
        flipped[place] ^= 1 << dice.randrange(8)
        record.write_bytes(flipped)
        line = whole.count(b"\n", 0, place) + 1

        assert main(["record", "verify", str(record)]) == 7
        said = capsys.readouterr().err
        assert f"line {line}" in said or f"line {line + 1}" in said, (place, said)


def test_a_line_that_is_removed_added_or_moved_is_found(record: Path) -> None:
    lines = list(record_history(HISTORY))
    for changed in ([*lines[:4], *lines[5:]], [*lines[:4], *lines[3:]], [*lines[:3], lines[4], lines[3]]):
        record.write_bytes(b"".join(changed))
        assert main(["record", "verify", str(record)]) == 7


def test_verify_makes_every_number_again_bit_for_bit(
    record: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["record", "verify", str(record), "--history", HISTORY]) == 0
    count = len(record_history(HISTORY))
    assert capsys.readouterr().out.splitlines() == [
        f"the chain is intact: {count} lines",
        f"{count - 1} lines made again: all are the same, bit for bit",
    ]


def test_verify_tells_a_small_difference_from_bit_for_bit(
    record: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    number = next(
        at for at, line in enumerate(record_history(HISTORY)) if json.loads(line).get("outcome") == "tested"
    )
    rechain(record, number, p=json.loads(record_history(HISTORY)[number])["p"] + 0.9e-4)

    assert main(["record", "verify", str(record), "--history", HISTORY]) == 0
    assert "and the others within 0.0001 (farthest 9e-05)" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("field", "value"),
    [("p", 0.5), ("close", 70.0), ("outcome", "refused"), ("session", "2019-09-01"), ("events", 7)],
)
def test_a_number_that_does_not_follow_from_the_source_is_found_whatever_the_chain_says(
    record: Path, capsys: pytest.CaptureFixture[str], field: str, value: object
) -> None:
    rechain(record, 3, **{field: value})

    assert main(["record", "verify", str(record)]) == 0
    assert main(["record", "verify", str(record), "--history", HISTORY]) == 1
    answer = capsys.readouterr()
    assert "1 differ by more than 0.0001" in answer.out
    assert f"{field} is " in answer.err


@pytest.mark.slow
def test_verify_with_new_fits_is_within_the_tolerance(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "all.jsonl"
    source = ["--history", HISTORY, "--every-session"]

    assert main(["record", "write", str(path), *source]) == 0
    assert main(["record", "verify", str(path), *source, "--refit"]) == 0
    assert "lines made again" in capsys.readouterr().out


def test_alerts_that_were_not_published_so_are_found(
    record: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = load_record(record)
    published = [
        effect.alert
        for turn in replay_signals(build_rules(SPOT), find_signals(HISTORY))
        for effect in turn.effects
        if isinstance(effect, PublishAlert)
    ]
    newer = replace(published[-1], revision=99, known_at=published[-1].known_at + timedelta(days=1))
    louder = replace(published[1], severity=Severity.MEDIUM)

    assert verify_alerts(lines, [*published, newer], rules_changed=False) == 0
    assert verify_alerts(lines[:-9], published, rules_changed=False) == 0  # the record ends earlier
    assert verify_alerts(lines, published[:-1], rules_changed=False) == 0  # the monitor is not so far yet
    assert "revisions of alerts are those on impact.alerts" in capsys.readouterr().out
    assert verify_alerts(lines, [published[0], louder, *published[2:]], rules_changed=False) == 1
    assert verify_alerts(lines, [published[0], *published[2:]], rules_changed=False) == 1
    assert verify_alerts(lines, [published[0], *published[2:]], rules_changed=True) == 0
    assert "rebuilt under new rules" in capsys.readouterr().err


def test_a_record_that_lacks_its_end_is_still_right(record: Path) -> None:
    """Only its last hash shows that: it is stored elsewhere."""
    record.write_bytes(b"".join(record_history(HISTORY)[:-4]))

    assert main(["record", "verify", str(record), "--history", HISTORY]) == 0


@pytest.mark.parametrize(
    ("one", "other", "wrong"),
    [
        ({"p": 0.5}, {"p": 0.50009}, False),
        ({"p": 0.5}, {"p": 0.50011}, True),
        ({"scale": 0.01}, {"scale": 0.0100009}, False),
        ({"scale": 0.01}, {"scale": 0.010002}, True),
        ({"scale": 0.01}, {}, True),
        ({"a": [1.0, 2.0]}, {"a": [1.0]}, True),
        ({"a": "x"}, {"a": "y"}, True),
        ({"expected": 1e-9}, {"expected": 2e-9}, False),
    ],
)
def test_numbers_may_differ_a_little_and_words_may_not(one: object, other: object, wrong: bool) -> None:
    found = list(compare_values(one, other, ""))

    assert len(found) == 1
    assert found[0].is_wrong is wrong


def test_score_prints_the_misses_first_on_eighty_columns(
    record: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")

    assert main(["record", "score", str(record)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 80
    titles = [line for line in lines if line and not line.startswith((" ", "─")) and line[0].isupper()]
    assert [title.partition(":")[0] for title in titles[:4]] == [
        "Record",
        "Misses",
        "False alarms",
        "Alerts that were taken back",
    ]


def test_scores_as_json_and_csv_are_those_of_the_record(
    record: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    contents = gather_contents(load_record(record))

    assert main(["record", "score", str(record), "--json"]) == 0
    scored = json.loads(capsys.readouterr().out)
    assert scored["tested"] == len(contents.tested)
    assert scored["abnormal"] == sum(each.p <= 0.01 for each in contents.tested) == 1
    assert [each["alerts"] for each in scored["levels"]] == [1, 0, 0, 0]
    assert scored["heads_ups"]["abnormal"] == {"count": 1, "total": 2}
    assert main(["record", "score", str(record), "--csv"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert {row["peer"] for row in rows} == {"constant-mean", "garch-n"}
    assert rows[0]["sessions"] == str(len(contents.tested))


@pytest.mark.slow
@pytest.mark.parametrize("number", [3, 9, -1])
def test_no_number_that_the_schema_allows_stops_the_scores(number: int) -> None:
    """Whoever can write the file can chain it; its numbers may be absurd."""
    lines = [json.loads(line) for line in record_history(HISTORY)]
    accepted = 0
    for changed in mutations(lines[number]):
        if validator("record.v1").is_valid(changed):
            accepted += 1
            made = [*lines]
            made[number] = changed
            score_record(b"\n".join(json.dumps(each).encode() for each in made))
    assert accepted > 100


def test_a_record_without_a_tested_session_is_no_success(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "short.jsonl"
    path.write_bytes(record_history(HISTORY)[0])

    assert main(["record", "score", str(path)]) == 4
    assert "no tested session" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [
        ["write", "x"],
        ["write", "x", "--history", HISTORY, "--from-kafka"],
        ["write", "x", "--from-kafka", "--every-session"],
        ["verify", "x", "--refit"],
        ["score", "x", "--json", "--csv"],
    ],
)
def test_options_that_contradict_each_other_are_usage_errors(arguments: list[str]) -> None:
    assert main(["record", *arguments]) == 2


def test_a_file_that_is_not_there_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["record", "verify", str(tmp_path / "gone.jsonl")]) == 1
    assert "gone.jsonl cannot be read or written" in capsys.readouterr().err


def test_every_session_of_a_history_is_recorded_on_demand(tmp_path: Path) -> None:
    path = tmp_path / "all.jsonl"

    assert main(["record", "write", str(path), "--history", HISTORY, "--every-session"]) == 0
    contents = gather_contents(load_record(path))
    assert len(contents.sessions) > len(find_signals(HISTORY)) - 10
    assert len(contents.tested) > 1_000
