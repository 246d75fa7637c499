"""Documents of version 1 are read for ever: what each of them says in the types of today."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from brentwatch.core.domain import (
    HEADLINE,
    Answered,
    BreakKind,
    Cause,
    Direction,
    Found,
    Move,
    MoveFound,
    NotYet,
    Range,
    SessionStudy,
    Severity,
    Span,
    Stage,
    Upcoming,
    Window,
    WindowStudy,
    Within,
)
from brentwatch.core.ids import alert_id, study_id
from brentwatch.wire import json_schemas
from brentwatch.wire.input_faults import DeadLetterReason, InvalidMessage
from brentwatch.wire.published import decode_alert, decode_study, encode_alert, encode_study

ALERTS = json_schemas.read_examples("alert.v1")
STUDIES = json_schemas.read_examples("study.v1")
OF_AN_OLDER_NOTIFIER: list[str] = json.loads(
    (Path(__file__).parents[1] / "data" / "notifier_of_an_older_version.json").read_text(encoding="utf-8")
)["alerts"]
FULL: dict[str, Any] = json.loads(ALERTS["window_added.json"])
STUDY: dict[str, Any] = json.loads(STUDIES["found.json"])


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def refuse(document: dict[str, Any]) -> InvalidMessage:
    with pytest.raises(InvalidMessage) as caught:
        decode_alert(json.dumps(document).encode())
    return caught.value


def test_an_alert_of_a_session_has_the_test_of_its_settlement() -> None:
    published = decode_alert(ALERTS["window_added.json"])
    alert = published.alert
    (test,) = alert.tests

    assert published.thread == alert.alert_id == alert_id("brent-spot", date(2019, 9, 16))
    assert (alert.stage, alert.severity, alert.cause) == (Stage.SETTLEMENT, Severity.CRITICAL, Cause.WINDOW)
    assert alert.settles_at == at("2019-09-16T15:30")
    assert (test.stage, test.direction, test.p, test.level) == (
        Stage.SETTLEMENT,
        Direction.UP,
        FULL["p"],
        FULL["level"],
    )
    assert test.study_id == study_id("brent-spot", date(2019, 9, 16), HEADLINE, "adaptive-garch-t")
    assert test.window == Span(begins_at=at("2019-09-13T15:30"), ends_at=at("2019-09-16T15:30"))
    assert (test.estimate, test.range) == (0.110395, Range(0.060611, 0.160179))
    assert test.normal == Range(*alert.windows[0].normal_range)
    assert (test.expected, test.usual, test.mde_alert) == (0.000312, None, 0.0981)
    assert (alert.upcoming, alert.untested, alert.heads_up) == ((), (), None)
    assert alert.lead is test
    assert alert.is_abnormal


def test_what_both_versions_have_is_taken_over() -> None:
    alert = decode_alert(ALERTS["window_added.json"]).alert
    today = json.loads(encode_alert(alert))
    same = set(today) & set(FULL) - {"windows", "events", "calibration", "text"}

    assert {name: today[name] for name in same} == {name: FULL[name] for name in same}
    assert today["events"] == [each | {"standing": "stated"} for each in FULL["events"]]
    assert alert.tests[0].move == Move(
        session=date(2019, 9, 16),
        close=68.42,
        previous_session=date(2019, 9, 13),
        previous_close=61.25,
        log_return=0.110707,
        quality=("settlement taken from another vendor",),
    )


def test_the_complete_windows_of_an_alert_begin_with_its_headline() -> None:
    alert = decode_alert(ALERTS["window_added.json"]).alert
    unfinished = FULL["windows"][0] | {"planned": 6}
    partial = decode_alert(json.dumps(FULL | {"windows": [unfinished]}).encode()).alert

    assert [each.window for each in alert.windows] == [HEADLINE, Window(0, 1), Window(1, 1)]
    assert [each.window for each in partial.windows] == [HEADLINE]


def test_an_alert_is_final_with_its_longest_window() -> None:
    last = FULL["windows"][0] | {"window": {"start": 0, "end": 5}, "observed": 6, "planned": 6}
    document = FULL | {"windows": [*FULL["windows"], last]}

    assert decode_alert(json.dumps(document).encode()).alert.stage is Stage.FINAL


def test_an_alert_within_a_session_keeps_its_id_and_names_the_thread_of_the_session() -> None:
    published = decode_alert(ALERTS["within_the_session.json"])
    alert = published.alert
    (test,) = alert.tests

    assert (alert.alert_id, published.thread) == ("36b083d64e8ede7ad392", "c89c1d8632b9b27e7e4e")
    assert published.thread == alert_id("brent-front", date(2024, 5, 15))
    assert (alert.stage, alert.windows) == (Stage.WITHIN, ())
    assert alert.upcoming == (Upcoming(stage=Stage.SETTLEMENT, at=at("2024-05-15T18:30")),)
    assert (test.stage, test.study_id) == (Stage.WITHIN, "a2ce1fdf67d3856a6d5c")
    assert test.window == Span(
        begins_at=at("2024-05-15T13:45"),
        ends_at=at("2024-05-15T14:00"),
        minutes=15,
        number=1,
        news_at=at("2024-05-15T13:42"),
    )
    assert (test.usual, test.sessions, test.quiet) == (0.0017722590220298814, 60, 0)
    assert (test.estimate, test.expected, test.break_kind) == (0.0503658759721282, 0.0, None)
    assert test.answered == Answered(
        data_through=at("2024-05-15T14:00"),
        answered_at=at("2024-05-15T14:15"),
        before_minutes=60,
        before=0.0036661412197811234,
    )


def test_the_words_of_an_alert_stay_as_they_were_published() -> None:
    published = decode_alert(ALERTS["within_the_session.json"])
    without = {name: value for name, value in FULL.items() if name != "text"}

    assert published.text is not None
    assert published.text.lock_screen.startswith("UPDATE 2 · CRITICAL ▲ Brent +5.2 % in 15 min")
    assert decode_alert(json.dumps(without).encode()).text is None


def test_a_price_revision_took_p_above_the_level() -> None:
    alert = decode_alert(ALERTS["above_the_level.json"]).alert

    assert (alert.is_abnormal, alert.severity) == (False, Severity.INFO)


def test_a_study_of_a_session_is_read_as_one() -> None:
    study = decode_study(STUDIES["found.json"])
    today = json.loads(encode_study(study))

    assert isinstance(study, SessionStudy)
    assert isinstance(study.result, Found)
    for name in ("study_id", "revision", "known_at", "window", "model", "move", "overlaps", "diagnostics"):
        assert today[name] == STUDY[name]
    assert today["result"] == {"given_alert": None} | STUDY["result"]


def test_a_study_within_a_session_tells_its_usual_move_and_the_ratio() -> None:
    study = decode_study(STUDIES["within_found.json"])
    document = json.loads(STUDIES["within_found.json"])
    found = document["result"]

    assert isinstance(study, WindowStudy)
    assert study.result == MoveFound(
        null=found["null"],
        move=found["total"],
        low=found["low"],
        high=found["high"],
        usual=found["standard_error"],
        ratio=found["statistic"],
        p=found["p"],
        mde_05=found["mde_05"],
        mde_alert=found["mde_alert"],
        sessions=60,
        quiet=0,
    )
    assert study.within == Within(
        minutes=15,
        begins_at=at("2024-05-15T13:45"),
        ends_at=at("2024-05-15T14:00"),
        news_at=at("2024-05-15T13:42"),
        test=1,
        settles_at=at("2024-05-15T18:30"),
        answered=study.within.answered,
    )


def test_the_ratio_of_a_fall_is_positive() -> None:
    document = json.loads(STUDIES["within_found.json"])
    document["result"] |= {"total": -0.05, "car": -0.05, "statistic": -28.4}
    study = decode_study(json.dumps(document).encode())

    assert isinstance(study.result, MoveFound)
    assert (study.result.move, study.result.ratio) == (-0.05, 28.4)


def test_a_study_within_a_session_may_wait_for_its_bars() -> None:
    study = decode_study(STUDIES["within_pending.json"])

    assert isinstance(study, WindowStudy)
    assert study.result == NotYet(settles_at=at("2024-05-15T14:00"))
    assert study.within.answered is None


@pytest.mark.parametrize("file", ALERTS)
def test_an_alert_of_version_1_can_be_written_in_version_2(file: str) -> None:
    alert = decode_alert(ALERTS[file]).alert

    assert decode_alert(encode_alert(alert)).alert == alert


@pytest.mark.parametrize("file", STUDIES)
def test_a_study_of_version_1_can_be_written_in_version_2(file: str) -> None:
    study = decode_study(STUDIES[file])

    assert decode_study(encode_study(study)) == study


@pytest.mark.parametrize("document", OF_AN_OLDER_NOTIFIER)
def test_alerts_that_an_older_version_left_on_its_topic_are_read(document: str) -> None:
    told = json.loads(document)
    published = decode_alert(document.encode())

    assert (published.alert.alert_id, published.alert.revision) == (told["alert_id"], told["revision"])
    assert published.alert.tests[0].p == told["p"]
    assert published.alert.severity == told["severity"]


def test_times_of_another_zone_are_read_into_utc() -> None:
    document = FULL | {"settled_at": "2019-09-16T21:30:00+06:00"}

    assert decode_alert(json.dumps(document).encode()) == decode_alert(ALERTS["window_added.json"])


def test_a_version_that_is_named_is_read_too() -> None:
    document = json.dumps(FULL | {"version": 1}).encode()

    assert decode_alert(document) == decode_alert(ALERTS["window_added.json"])


def test_all_faults_of_an_alert_of_version_1_name_its_schema() -> None:
    error = refuse(FULL | {"cause": "test", "p": -0.1, "severity": None})

    assert error.reason is DeadLetterReason.SCHEMA
    assert [fault.split()[0] for fault in error.faults] == ["cause", "severity", "p"]
    assert all("schemas/alert.v1.schema.json" in fault for fault in error.faults)


def test_a_window_of_version_1_that_ends_before_it_starts_contradicts_itself() -> None:
    error = refuse(FULL | {"windows": [FULL["headline"] | {"window": {"start": 1, "end": 0}}]})

    assert error.reason is DeadLetterReason.CONTRADICTION


def test_kinds_of_breaks_are_of_version_2_alone() -> None:
    alert = decode_alert(ALERTS["window_added.json"]).alert
    told = replace(alert, tests=(replace(alert.tests[0], break_kind=BreakKind.NIGHT),))

    assert json.loads(encode_alert(told))["tests"][0]["break_kind"] == "night"
