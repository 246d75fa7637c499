"""A report of a history in which something is missing or wrong says so, and shows no figure for it."""

from __future__ import annotations

import csv
import json
from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.kafka.histories import LINES, UNREADABLE, event, synthetic
from tests.replay.report.building_of import report_history, report_signals

from brentwatch.core.domain import BRENT_FRONT, BRENT_SPOT, WTI_FRONT, EventAdmitted, PriceLevels
from brentwatch.replay.recording import read_history
from brentwatch.replay.report import data_quality
from brentwatch.replay.report.contents import ReplayReport, TestedSession, UntestedSession
from brentwatch.replay.report.report_data import TABLES, encode_report

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence


def write_history(folder: Path, *lines: str, prices: Sequence[str] = ()) -> str:
    """The history of Abqaiq with these events; `prices` are further rows, or replace rows of their day."""
    synthetic(folder)
    (folder / "events.jsonl").write_text("".join(f"{line}\n" for line in lines))
    rows = (folder / "prices.csv").read_text().splitlines()
    changed = {row.split(",")[0]: row for row in prices}
    kept = [changed.get(row.split(",")[0], row) for row in rows]
    (folder / "prices.csv").write_text("\n".join(kept) + "\n")
    return str(folder)


def read_json(report: ReplayReport) -> Mapping[str, Any]:
    """The document, strictly: NaN is not JSON."""

    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    found: Mapping[str, Any] = json.loads(encode_report(report), parse_constant=refuse)
    for table in TABLES:
        assert "nan" not in table.encode(report).decode().lower().split(",")
    return found


def test_every_event_that_was_not_used_as_it_came_is_counted_and_listed(tmp_path: Path) -> None:
    quality = report_history(str(synthetic(tmp_path))).quality

    rows = Counter((row.kind, row.reason) for row in quality.rows)
    assert rows["event", "duplicate"] == 1
    assert rows["event", "superseded"] == 1
    assert rows["event", "retracted"] == 1
    assert rows["event", "retraction_remembered"] == 1
    assert sum(row.name.startswith("line ") for row in quality.rows) == UNREADABLE
    counted = {(each.kind, each.reason): each.count for each in quality.counts}
    assert {pair: counted[pair] for pair in rows} == dict(rows)
    assert sum(each.count for each in quality.counts if each.kind == "event") == len(LINES)
    assert all(row.detail for row in quality.rows)
    assert quality.unlisted == ()


def test_an_event_that_arrives_after_its_session_was_decided_is_listed_as_late(tmp_path: Path) -> None:
    folder = write_history(tmp_path, event("desk:late", "2019-09-13T10:00:00Z"))
    signals = read_history(folder, BRENT_SPOT).signals
    prices = [each for each in signals if not isinstance(each, EventAdmitted)]
    (late,) = (each for each in signals if isinstance(each, EventAdmitted))
    report = report_signals(folder, BRENT_SPOT, [*prices, late])

    (row,) = (each for each in report.quality.rows if each.kind == "event")
    assert (row.reason, row.name) == ("late", "desk:late, revision 0")
    assert row.detail == "joins session 2019-09-13 after its decision: no number changes"
    assert [each.session for each in report.events[0].sessions] == [date(2019, 9, 13)]


def test_of_many_repeats_some_are_listed_and_all_are_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(data_quality, "MOST_LISTED", 3)
    folder = write_history(tmp_path, *[event("desk:attack", "2019-09-14T00:45:00Z")] * 9)

    quality = report_history(folder).quality
    assert sum(row.reason == "duplicate" for row in quality.rows) == 3
    assert [(each.reason, each.count) for each in quality.unlisted] == [("duplicate", 5)]
    assert next(each.count for each in quality.counts if each.reason == "duplicate") == 8


def test_without_an_event_there_is_no_average(tmp_path: Path) -> None:
    report = report_history(write_history(tmp_path))

    assert report.events == ()
    assert report.mean_car is None
    assert report.average_tests == ()
    assert report.largest_with_event == ()
    assert [each.group for each in report.p_values] == ["all sessions", "sessions without an event"]
    assert report.cross_section[0].startswith(
        "How the size of a move depends on exposure and class is not estimated"
    )
    assert read_json(report)["events_total"] == 0


def test_with_one_event_no_test_across_events_answers(tmp_path: Path) -> None:
    report = report_history(write_history(tmp_path, event("desk:attack", "2019-09-14T00:45:00Z")))

    assert len(report.events) == 1
    assert all(not each.valid for each in report.average_tests if each.test == "cross-sectional")
    assert all(
        (each.p is None) == bool(each.note and each.statistic is None) for each in report.average_tests
    )
    read_json(report)


def test_an_event_after_the_last_price_waits(tmp_path: Path) -> None:
    newer = event("desk:newer", "2019-12-24T12:00:00Z")
    report = report_history(write_history(tmp_path, newer))

    (waiting,) = report.events
    assert [each.test for each in waiting.sessions if isinstance(each.test, TestedSession)] == []
    (session,) = waiting.sessions
    assert isinstance(session.test, UntestedSession)
    assert session.test.outcome == "pending"
    assert "after the last price" in session.test.reason
    assert waiting.path == ()
    assert report.mean_car is None
    read_json(report)


def test_a_price_below_zero_is_a_refused_session_and_no_path(tmp_path: Path) -> None:
    attack = event("desk:attack", "2019-09-14T00:45:00Z")
    report = report_history(write_history(tmp_path, attack, prices=["2019-09-16,-3.5"]))

    refused = [each for each in report.untested if each.session == date(2019, 9, 16)]
    assert [each.outcome for each in refused] == ["refused"]
    assert "-3.5" in refused[0].reason
    assert next(each for each in report.events[0].path if each.tau == 0).move is None
    assert any(row.when == "2019-09-16" for row in report.quality.rows)
    read_json(report)


def test_bars_within_a_session_are_no_daily_prices() -> None:
    report = report_history("intraday-demo", BRENT_FRONT)

    assert len({session for session, _ in report.prices}) == len(report.prices) < 2_000
    stages = {answer.stage for alert in report.alerts for answer in alert.answers}
    assert {"heads-up", "within", "settlement"} <= stages
    assert all(
        answer.lead_hours is not None and answer.lead_hours >= 0.0
        for alert in report.alerts
        if alert.events
        for answer in alert.answers
    )
    read_json(report)


PRICES = ("close", "previous_close", "price_at_alert")


def list_levels(value: Any) -> Iterator[float]:
    """Every price in a document."""
    for name, each in value.items() if isinstance(value, dict) else ():
        if name in PRICES:
            yield each
        elif name == "prices":
            yield from (close for _, close in each)
        else:
            yield from list_levels(each)
    for each in value if isinstance(value, list) else ():
        yield from list_levels(each)


def test_without_a_licence_for_levels_prices_are_rebased() -> None:
    shown = report_history("abqaiq-2019")
    hidden = report_history("abqaiq-2019", replace(BRENT_SPOT, price_levels=PriceLevels.DERIVED_ONLY))

    assert hidden.is_rebased
    assert hidden.prices[0][1] == 100.0
    levels = {close for _, close in shown.prices}
    told = list(list_levels(read_json(hidden)))
    assert len(told) > 3 * len(hidden.sessions)
    assert levels.isdisjoint(told)
    for table in TABLES:
        rows = csv.DictReader(table.encode(hidden).decode().splitlines())
        cells = [row[name] for row in rows for name in PRICES if row.get(name)]
        assert levels.isdisjoint(map(float, cells))
    assert [each.move for each in hidden.sessions] == [each.move for each in shown.sessions]


def test_foreign_text_does_not_leave_its_cell(tmp_path: Path) -> None:
    evil = event("desk:evil", "2019-09-14T00:45:00Z", summary="=HYPERLINK(1)\x1b[2J<script>\u202e")
    report = report_history(write_history(tmp_path, evil))

    table = next(each for each in TABLES if each.name == "events").encode(report).decode()
    assert "\x1b" not in table
    assert "\u202e" not in table
    assert ",=HYPERLINK" not in table
    assert "\x1b" not in encode_report(report).decode()


def test_another_instrument_of_the_same_prices_is_another_run(tmp_path: Path) -> None:
    folder = str(synthetic(tmp_path))

    one, other = report_history(folder).identity, report_history(folder, WTI_FRONT).identity
    assert one.settings_sha256 != other.settings_sha256
    assert {each.name for each in one.files} >= {"events.jsonl", "prices.csv", "history.toml"}
