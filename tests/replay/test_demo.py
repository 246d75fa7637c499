"""`intraday-demo`, a made-up week with tests within the session: what is shown of it, start to end."""

from __future__ import annotations

from functools import cache
from itertools import groupby

from brentwatch.core.domain import BRENT_FRONT, MoveFound, Severity, Stage, WindowStudy
from brentwatch.history.rules import build_rules
from brentwatch.replay.recording import read_history
from brentwatch.replay.story import Story
from brentwatch.replay.summary import summarise_replay
from brentwatch.replay.turns import Tally, replay_signals

_WIDTH = 400


@cache
def replayed() -> tuple[Tally, tuple[str, ...]]:
    recording = read_history("intraday-demo", BRENT_FRONT)
    tally, story = Tally(), Story(BRENT_FRONT, (), _WIDTH)
    lines = [*story.describe_recording(recording)]
    for turn in replay_signals(build_rules(BRENT_FRONT), recording.signals):
        tally.take(turn)
        lines += story.describe_turn(turn)
    return tally, tuple(line.strip() for line in lines)


def day(name: str) -> list[str]:
    """The lines of a day, such as "Tue 14 May"."""
    groups = [list(lines) for _, lines in groupby(replayed()[1], lambda line: line.startswith("── "))]
    (at,) = [number for number, lines in enumerate(groups) if lines[0].startswith(f"── {name} ")]
    return groups[at + 1]


def test_two_attacks_of_the_week_are_alerted_in_a_thread_each_and_no_settlement() -> None:
    alerts = [alert for alert in replayed()[0].alerts.values() if alert.severity is not None]

    assert [str(alert.session) for alert in alerts] == ["2024-05-14", "2024-05-16"]
    assert [alert.severity for alert in alerts] == [Severity.CRITICAL] * 2
    for alert in alerts:
        assert {test.stage for test in alert.tests if test.is_abnormal} == {Stage.WITHIN}
        settled = alert.find_test(Stage.SETTLEMENT)
        assert settled is not None
        assert not settled.is_abnormal


def test_news_of_a_weekend_and_of_open_trade_have_a_heads_up_and_without_a_token_there_is_none() -> None:
    opened = [alert for alert in replayed()[0].alerts.values() if alert.heads_up is not None]

    assert [str(alert.session) for alert in opened] == ["2024-05-13", "2024-05-14"]
    assert [alert.severity for alert in opened] == [None, Severity.CRITICAL]
    (told,) = [line for line in day("Sat 11 May") if line.startswith("HEADS-UP")]
    assert told.startswith("HEADS-UP Brent · pumping station attack · Libya, 1.1 mb/d at risk")


def test_the_alert_comes_half_an_hour_after_the_news() -> None:
    lines = day("Tue 14 May")

    assert lines[0].startswith("13:42 UTC  Attack on infrastructure, Ras Tanura, Saudi Arabia")
    assert lines[2] == "→ opens test 1 of at most 2 within the session, from Tue 14 May 13:45 UTC"
    assert "→ joins test 1 of at most 2 within the session, from Tue 14 May 13:45 UTC" in lines
    (at,) = [number for number, line in enumerate(lines) if line.startswith("14:15 UTC")]
    answer, alert = lines[at : at + 2]
    assert answer.startswith("14:15 UTC  15 minutes from Tue 14 May 13:45 UTC: abnormal move up: +2.3 %, ")
    assert answer.endswith(", p < 0.0005")
    assert alert == (
        "ALERT      UPDATE 2 · CRITICAL ▲ Brent +2.3 % in 15 min · Ras Tanura attack · "
        "14 May 13:45 to 14:00 UTC · p < 0.0005"
    )


def test_an_event_that_came_after_the_window_is_told_and_is_none_that_the_move_was_after() -> None:
    lines = day("Tue 14 May")
    lead = "Window ended 18 minutes after the news of Tue 14 May 13:42 UTC. "

    assert [line for line in lines if line.startswith("ALERT") and " more" in line] == []
    assert len([line for line in lines if line.startswith(lead)]) >= 2


def test_news_of_a_weekend_is_tested_on_the_gap() -> None:
    opens = "→ opens test 1 of at most 2 within the session, at the re-open of Sun 12 May 22:00 UTC"
    assert opens in day("Sat 11 May")
    answer, alert = day("Sun 12 May")[:2]
    assert answer == "22:20 UTC  re-open Sun 12 May 22:05 UTC: +0.9 %, usual for a weekend (p = 0.11)"
    assert alert.startswith("UPDATE 2 · HEADS-UP Brent +0.9 % at re-open, not abnormal")


def test_a_small_march_leaves_the_second_test_to_the_attack_on_a_field() -> None:
    lines = day("Thu 16 May")

    assert "→ opens no test; a study from Thu 16 May 09:15 UTC, which opens no alert" in lines
    assert "→ opens test 2 of at most 2 within the session, from Thu 16 May 12:05 UTC" in lines
    (told,) = [line for line in lines if line.startswith("12:35 UTC")]
    assert "15 minutes from Thu 16 May 12:05 UTC: abnormal move up: +2.7 %" in told
    untested = [
        study.result.p
        for study in replayed()[0].windows.values()
        if isinstance(study, WindowStudy)
        and study.within.test is None
        and isinstance(study.result, MoveFound)
    ]
    assert min(untested) > 0.001


def test_the_end_counts_windows_tests_and_what_had_none() -> None:
    told = list(summarise_replay(replayed()[0], BRENT_FRONT))

    assert told[:6] == [
        "5 sessions tested from settlement to settlement, 0 abnormal at the alert level 0.006 (0.03 expected "
        "by chance).",
        "Within the sessions: 5 tests with 10 windows, 3 abnormal at the alert level 0.001 (0.01 expected by "
        "chance):",
        "  15 minutes from Tue 14 May 13:45 UTC: abnormal move up: "
        "+2.3 %, 95 % range +1.9 to +2.7 %, p < 0.0005",
        "  60 minutes from Tue 14 May 13:45 UTC: abnormal move up: "
        "+3.6 %, 95 % range +2.6 to +4.5 %, p < 0.0005",
        "  15 minutes from Thu 16 May 12:05 UTC: abnormal move up: "
        "+2.7 %, 95 % range +2.4 to +3.0 %, p < 0.0005",
        "2 studies without a test.",
    ]


def test_every_part_says_that_it_is_made_up() -> None:
    lines = replayed()[1]

    assert lines[0].startswith("SYNTHETIC: made-up bars and events")
    events = [line for line in lines if "exposure 0." in line and "UTC  " in line]
    assert len(events) == 8
    assert all('"SYNTHETIC: ' in line for line in events)
