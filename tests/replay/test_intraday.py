"""A replay of an instrument with bars of five minutes tells its rule, each answer once, and its alerts."""

from __future__ import annotations

from tests.core.intraday_desk import FRONT, PAST, told, whole
from tests.core.monitor.test_intraday_saving import history

from brentwatch.core.monitor.rules import Rules
from brentwatch.replay.recording import Recording
from brentwatch.replay.story import Story
from brentwatch.replay.turns import replay_signals

_WIDTH = 200


def test_a_window_is_told_once_when_it_is_answered_and_its_alert_with_it() -> None:
    past = [told(whole(number), warmup=True) for number in range(PAST)]
    story = Story(FRONT, (), _WIDTH)
    lines = [
        line
        for turn in replay_signals(Rules(instrument=FRONT), [*past, *history()])
        for line in story.describe_turn(turn)
    ]

    told_of = [line[11:].strip() for line in lines if "minutes from" in line]
    answers = [line for line in told_of if line[0].isdigit()]
    assert [answer.partition(":")[0] for answer in answers] == [
        f"{minutes} minutes from Wed 15 May {clock}"
        for minutes, clock in ((15, "13"), (60, "13"), (15, "15"), (60, "15"), (15, "16"))
    ]
    assert "abnormal move up" in answers[0]
    assert " is above the alert level 0.001)" in answers[2] or "no abnormal move detected;" in answers[2]
    assert [
        line
        for line in lines
        if line.startswith("ALERT") and " in 15 min · Saudi Arabia attack · 15 May 1" in line
    ]


def test_the_title_says_the_rule_and_what_it_costs() -> None:
    recording = Recording(title="Made up", notes=(), context=(), unreadable=(), signals=())
    title = " ".join(Story(FRONT, (), _WIDTH).describe_recording(recording))
    assert "at most two tests, each of 15 and 60 minutes after an event, alert level 0.001" in title
    assert "at most 2.6 false alarms a year in all" in title
