"""A report holds what the replay printed."""

from __future__ import annotations

from datetime import date

import pytest
from tests.replay.report.building_of import report_history

from brentwatch.core.domain import BRENT_SPOT, NotYet, PublishStudy
from brentwatch.core.impact.impacts import MoveVerdict
from brentwatch.history.rules import build_rules
from brentwatch.replay.recording import read_history
from brentwatch.replay.report.contents import TestedSession
from brentwatch.replay.turns import is_headline, replay_signals


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


def test_the_leading_event_of_a_session_has_past_events_like_it() -> None:
    attack, *others = report_history("abqaiq-2019").events

    found = attack.sessions[0].analogues
    assert found is not None
    assert found.event_id == attack.event_id
    assert found.n == found.bundled + found.own > 0
    assert attack.sessions[0].past_events[0].startswith("Past events like this one (attack on infrastructure")
    assert all(not each.past_events for other in others[:1] for each in other.sessions)


@pytest.mark.parametrize("history", ["abqaiq-2019", "kazakhstan-2022", "libya-2011", "vorukh-2021"])
def test_the_sessions_of_events_are_those_of_the_studies(history: str) -> None:
    report, signals = report_history(history), read_history(history, BRENT_SPOT).signals
    placed = {(event.event_id, each.session) for event in report.events for each in event.sessions}

    listed = set[tuple[str, date]]()
    for turn in replay_signals(build_rules(BRENT_SPOT), signals):
        for effect in turn.effects:
            if isinstance(effect, PublishStudy) and is_headline(effect.study):
                decided = not isinstance(effect.study.result, NotYet)
                listed |= {(each.event_id, effect.study.session) for each in effect.study.events if decided}
    assert listed <= placed
    assert len(listed) > 0


def test_the_story_of_libya_is_told_once_and_with_its_events() -> None:
    report = report_history("libya-2011")

    libya = next(each for each in report.stories if each.country == "LBY")
    assert len({(each.story_id, each.since) for each in report.stories}) == len(report.stories)
    assert [each.highest for each in report.stories] == sorted(
        (each.highest for each in report.stories), reverse=True
    )
    told = [session for event in report.events for session in event.sessions if session.stories]
    assert libya in [story for session in told for story in session.stories]
    assert all(session.story_words for session in told)
    assert report.story_words[0].startswith("Story (Libya, escalation")
