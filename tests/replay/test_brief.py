"""A replay in brief: which alerts, rows and notes it has, and what it leaves out and says so."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from io import StringIO
from typing import TYPE_CHECKING

import pytest
from rich.console import Console

from brentwatch.core.domain import BRENT_FRONT, BRENT_SPOT, PARTIAL_HISTORY, PublishAlert
from brentwatch.history.event_files import DeadLetter
from brentwatch.history.rules import build_rules
from brentwatch.message.alert_text import write_alert_text
from brentwatch.message.figures import MINUS
from brentwatch.message.findings import LARGE_BUT_NORMAL, LARGE_BUT_NOT_RARE
from brentwatch.replay.brief import Brief
from brentwatch.replay.recording import Recording, read_history
from brentwatch.replay.summary import summarise_replay
from brentwatch.replay.turns import Tally, Turn, replay_signals
from brentwatch.wire.input_faults import DeadLetterReason

if TYPE_CHECKING:
    from collections.abc import Sequence

pytestmark = pytest.mark.slow

_WIDTH = 80
_INSTRUMENTS = {"intraday-demo": BRENT_FRONT}


@cache
def replayed(name: str) -> tuple[Recording, Tally, tuple[Turn, ...]]:
    instrument = _INSTRUMENTS.get(name, replace(BRENT_SPOT, alerts=True))
    recording, tally = read_history(name, instrument), Tally()
    turns = tuple(replay_signals(build_rules(instrument), recording.signals))
    for turn in turns:
        tally.take(turn)
    return recording, tally, turns


def brief_of(name: str, turns: Sequence[Turn] | None = None) -> Brief:
    brief = Brief(_INSTRUMENTS.get(name, replace(BRENT_SPOT, alerts=True)), _WIDTH)
    for turn in replayed(name)[2] if turns is None else turns:
        brief.take(turn)
    return brief


def alerts_of(name: str) -> list[str]:
    return list(brief_of(name).format_alerts())


def rows_of(name: str) -> tuple[list[list[str]], str]:
    """The cells of the table without its head, and the lines below it."""
    table, notes = brief_of(name).build_rows(replayed(name)[1])
    shown = StringIO()
    Console(file=shown, width=_WIDTH).print(table)
    lines = shown.getvalue().splitlines()
    assert max(map(len, lines)) <= _WIDTH
    return [re.split(r" {2,}", line.strip()) for line in lines[2:]], flat(notes)


def test_an_alert_has_its_lock_screen_and_card_and_a_line_for_each_later_revision() -> None:
    lines = alerts_of("abqaiq-2019")
    opened = next(
        effect.alert
        for turn in replayed("abqaiq-2019")[2]
        for effect in turn.effects
        if isinstance(effect, PublishAlert) and effect.alert.severity is not None
    )
    text = write_alert_text(opened)

    assert flat(lines).count(" ".join(f"{text.lock_screen} {text.card}".split())) == 1
    assert lines[-3:-1] == [
        "Tue 17 Sep 2019 15:30 UTC  Update 3: +7.1 % over two sessions",
        "Mon 23 Sep 2019 15:30 UTC  Update 4: +5.6 % over six sessions",
    ]
    assert lines[2] == "Sat 14 Sep 2019 00:45 UTC"
    assert lines[3].startswith("  HEADS-UP Brent · Abqaiq attack")


def test_a_thread_that_stayed_a_heads_up_is_counted_and_shown_among_every_alert() -> None:
    assert alerts_of("kazakhstan-2022")[2:] == [
        "None: no test was abnormal.",
        "Not shown: 3 heads-ups without an abnormal test; see --alerts.",
    ]
    every = flat(list(brief_of("kazakhstan-2022").format_every_alert()))
    published = [
        effect.alert
        for turn in replayed("kazakhstan-2022")[2]
        for effect in turn.effects
        if isinstance(effect, PublishAlert)
    ]
    assert len(published) == 11
    assert [alert for alert in published if write_alert_text(alert).lock_screen not in every] == []
    assert "No price test yet." not in every  # the card of a heads-up is left out


def test_every_alert_has_the_card_of_each_revision_in_the_order_of_time() -> None:
    lines = list(brief_of("abqaiq-2019").format_every_alert())

    assert flat(lines).count("Check: brentwatch alerts show") == 3
    days = [line for line in lines if re.match(r"\w{3} \d+ Sep 2019 \d\d:\d\d UTC$", line)]
    assert [int(day.split()[1]) for day in days] == [14, 16, 17, 17, 17, 18, 23, 24]


def test_with_many_alerts_their_cards_are_left_out_and_that_is_said() -> None:
    lines = alerts_of("catalogue")

    assert [line for line in lines if line.startswith("    ")] == []
    assert flat(lines[-2:]).startswith("Not shown: the cards of these alerts, 31 heads-ups without")


def test_each_tested_session_of_a_short_history_has_a_row() -> None:
    rows, notes = rows_of("kazakhstan-2022")
    tested = replayed("kazakhstan-2022")[1].tested

    assert notes == ""
    assert len(rows) == len(tested) == 7
    assert rows[-1][0] == "11 Jan 2022"
    assert rows[-1][2:] == ["+4.2 %", f"{MINUS}4.0 to +3.2 %", "0.019", "outside normal range"]
    assert {row[-1] for row in rows[:-1]} == {"normal"}


def test_of_a_long_history_the_remarkable_sessions_have_a_row_and_the_others_are_counted() -> None:
    rows, notes = rows_of("catalogue")
    tested = replayed("catalogue")[1].tested

    assert [row[0] for row in rows if row[-1] == "abnormal"] == [
        "6 Nov 2017", "16 Sep 2019", "13 Jun 2025", "2 Mar 2026",
    ]  # fmt: skip
    assert {row[-1] for row in rows} == {"abnormal", "abnormal, no event", "outside normal range"}
    assert f"Not shown: {len(tested) - len(rows)} sessions" in notes


def test_large_moves_that_are_not_abnormal_are_explained_once_for_each_reason() -> None:
    _, notes = rows_of("catalogue")

    assert (
        f"{LARGE_BUT_NORMAL[1:]} (17 Jun 2025 +4.9 %, 23 Jun 2025 {MINUS}5.6 %, 6 Mar 2026 +8.1 %)." in notes
    )
    assert notes.count(LARGE_BUT_NOT_RARE[1:]) == 1


def test_windows_within_the_session_are_in_the_verdict() -> None:
    verdict = flat(list(brief_of("intraday-demo").format_verdict(replayed("intraday-demo")[1])))

    assert "5 tests with 10 windows, 3 abnormal at the alert level 0.001" in verdict
    assert "15 minutes from Tue 14 May 13:45 UTC: abnormal move up" in verdict


def test_an_abnormal_session_names_its_events_in_words() -> None:
    verdict = flat(list(summarise_replay(replayed("abqaiq-2019")[1], BRENT_SPOT)))

    assert (
        "p < 0.002; after: Attack on infrastructure, Abqaiq, Khurais, Saudi Arabia; "
        "Supply disruption, Abqaiq, Khurais, Saudi Arabia" in verdict
    )


@pytest.mark.parametrize("name", ["kazakhstan-2022", "abqaiq-2019", "catalogue", "intraday-demo"])
def test_no_line_is_wider_than_asked(name: str) -> None:
    brief, (recording, tally, _) = brief_of(name), replayed(name)
    lines = [
        *brief.describe_recording(recording),
        *brief.format_alerts(),
        *brief.format_every_alert(),
        *brief.format_verdict(tally),
    ]

    assert max(map(len, lines)) <= _WIDTH


def test_the_first_faults_of_a_file_are_shown_and_the_others_counted() -> None:
    letters = tuple(
        DeadLetter(line=line, reason=DeadLetterReason.NOT_JSON, faults=("no JSON",), original=b"x")
        for line in range(1, 9)
    )
    recording = replace(replayed("abqaiq-2019")[0], unreadable=letters)
    lines = list(brief_of("abqaiq-2019", ()).describe_recording(recording))

    assert lines[-6:] == [
        *(f"line {line} of the events is not read: no JSON" for line in range(1, 6)),
        "3 more lines are not read; --story lists all",
    ]


def test_alerts_of_a_partial_timeline_are_marked() -> None:
    turns = [
        Turn(
            turn.signal,
            tuple(
                PublishAlert(replace(effect.alert, flags=(PARTIAL_HISTORY,)))
                for effect in turn.effects
                if isinstance(effect, PublishAlert)
            ),
            turn.state,
        )
        for turn in replayed("abqaiq-2019")[2]
    ]
    brief = brief_of("abqaiq-2019", turns)

    marked = [line for line in brief.format_alerts() if line.startswith("[partial history] ")]
    assert len(marked) == 4
    assert len([line for line in brief.format_every_alert() if line.startswith("[partial history] ")]) == 8


def flat(lines: Sequence[str]) -> str:
    return " ".join(" ".join(lines).split())
