"""A report holds what the replay printed."""

from __future__ import annotations

from datetime import date

from tests.replay.report.building_of import report_history

from brentwatch.core.impact.impacts import MoveVerdict
from brentwatch.replay.report.contents import TestedSession


def test_kazakhstan_has_its_events_its_sessions_and_no_alert() -> None:
    report = report_history("kazakhstan-2022")

    assert report.verdict.headline == "No abnormal move detected in 7 sessions (alert level 0.01)."
    assert len(report.events) == report.events_total == 14
    assert report.alerts == ()
    wednesday = next(each for each in report.sessions if each.session == date(2022, 1, 5))
    assert wednesday.verdict is MoveVerdict.NORMAL
    assert wednesday.close == 80.60
    assert wednesday.events_total == 4


def test_an_event_has_its_session_and_its_path() -> None:
    report = report_history("abqaiq-2019")

    attack = report.events[0]
    test = attack.sessions[0].test
    assert isinstance(test, TestedSession)
    assert test.session == date(2019, 9, 16)
    assert [each.tau for each in attack.path] == list(range(-10, attack.path[-1].tau + 1))
    assert attack.path[10].close == 68.42
    assert attack.alert_id == report.alerts[0].alert_id
