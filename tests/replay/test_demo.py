"""`intraday-demo`, a made-up week with tests within the session: what is shown of it, start to end."""

from __future__ import annotations

from functools import cache
from itertools import groupby

from brentwatch.core.domain import BRENT_FRONT, Found
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


def test_one_attack_of_the_week_is_alerted_in_one_thread_and_no_settlement() -> None:
    (alert,) = replayed()[0].alerts.values()

    assert alert.within is not None
    assert [each.event_id for each in alert.events] == [
        "demo:2024-05-14-terminal",
        "demo:2024-05-14-tankers",
    ]
    assert (alert.revision, [each.planned for each in alert.windows]) == (2, [12])


def test_the_alert_comes_half_an_hour_after_the_news() -> None:
    lines = day("Tue 14 May")

    assert lines[0].startswith("13:42 UTC  Attack on infrastructure, Ras Tanura, Saudi Arabia")
    assert lines[2] == "→ opens test 1 of at most 2 within the session, from Tue 14 May 13:45 UTC"
    assert lines[5] == "→ joins test 1 of at most 2 within the session, from Tue 14 May 13:45 UTC"
    assert lines[6].startswith("14:15 UTC  15 minutes from Tue 14 May 13:45 UTC: abnormal move up: +2.3 %, ")
    assert lines[6].endswith(", p < 0.0005")
    assert lines[7] == (
        "ALERT      CRITICAL ▲ Brent +2.3 % in 15 min · Ras Tanura attack · 14 May 13:45 to 14:00 UTC · "
        "p < 0.0005"
    )


def test_an_event_that_came_after_the_window_is_told_and_is_none_that_the_move_was_after() -> None:
    lines = day("Tue 14 May")
    lead = "Window ended 18 minutes after the news of Tue 14 May 13:42 UTC. "

    assert [line for line in lines if line.startswith("ALERT") and " more" in line] == []
    assert len([line for line in lines if line.startswith(lead)]) == 2
    assert len([line for line in lines if line.endswith(", and 1 other event")]) == 2


def test_news_of_a_weekend_is_tested_from_the_first_bar_and_the_gap_is_the_settlements() -> None:
    assert day("Sat 11 May")[-2].startswith(
        "→ opens test 1 of at most 2 within the session, from Sun 12 May 22:00 UTC"
    )
    answer, gap = day("Sun 12 May")[:2]
    assert answer.startswith("22:30 UTC  15 minutes from Sun 12 May 22:00 UTC: no abnormal move detected;")
    assert gap == "Over the break before it: +0.9 %, tested with the settlement"


def test_a_third_event_moves_the_price_and_has_no_test_left() -> None:
    tally, _ = replayed()
    lines = day("Thu 16 May")

    assert (
        "→ no test of the session is left: a study from Thu 16 May 12:05 UTC, which opens no alert" in lines
    )
    (told,) = [line for line in lines if line.startswith("12:35 UTC")]
    assert "15 minutes from Thu 16 May 12:05 UTC: no test, the two of the session are taken: +2.7 %" in told
    p = [
        study.result.p
        for study in tally.windows.values()
        if study.within is not None and study.within.test is None and isinstance(study.result, Found)
    ]
    assert min(p) < 0.001


def test_the_end_counts_windows_tests_and_what_had_none() -> None:
    told = list(summarise_replay(replayed()[0], BRENT_FRONT))

    assert told[:5] == [
        "5 sessions tested, 0 abnormal at the 0.006 level (0.0 would be by chance alone): none from "
        "settlement to settlement.",
        "Within the sessions 12 windows of 6 tests answered, 2 abnormal at the 0.001 level (0.01 would be by "
        "chance alone):",
        "  15 minutes from Tue 14 May 13:45 UTC: abnormal move up: +2.3 %, range +1.9 to +2.7 %, p < 0.0005",
        "  60 minutes from Tue 14 May 13:45 UTC: abnormal move up: +3.6 %, range +2.6 to +4.5 %, p < 0.0005",
        "1 study without a test: both of the session were taken.",
    ]


def test_every_part_says_that_it_is_made_up() -> None:
    lines = replayed()[1]

    assert lines[0].startswith("SYNTHETIC: made-up bars and events")
    events = [line for line in lines if "exposure 0." in line and "UTC  " in line]
    assert len(events) == 8
    assert all('"SYNTHETIC: ' in line for line in events)
