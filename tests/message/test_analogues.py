"""Past events in words: one sentence on the card, some lines in the detail, never more certain than n."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from tests.notify.alerts import EVENT, alert

from brentwatch.core.domain import (
    Analogue,
    AnalogueMoves,
    Analogues,
    AnalogueSpread,
    EventClass,
    Reversals,
)
from brentwatch.message.alert_text import compose_text, list_shown_figures
from brentwatch.message.card import LINE_CHARACTERS
from brentwatch.message.figures import MINUS
from brentwatch.message.words import write_detail

SPREAD = AnalogueSpread(median=0.003, interval_low=-0.01, interval_high=0.016, low=-0.004, high=0.009)
NEAREST = Analogue(
    event_id="catalogue:SAU-2021-03-07",
    session=date(2021, 3, 8),
    country="SAU",
    event_class=EventClass.ATTACK_INFRASTRUCTURE,
    is_bundled=True,
    distance=0.05,
    explained="same class, exposure 0.90 against 0.80, same country, relevance 0.85 against 0.64",
    weight=0.2,
    moves=(-0.028,),
)
FOUND = Analogues(
    event_id=EVENT.event_id,
    event_class=EVENT.event_class,
    country=EVENT.country,
    bundled=9,
    own=3,
    effective_n=10.4,
    moves=tuple(AnalogueMoves(sessions=after, n=12, effective_n=10.4, spread=SPREAD) for after in (0, 1, 5)),
    reversals=Reversals(n=12, reversed=5, placebo=6.2),
    nearest=(NEAREST,) * 5,
)
CHECK = f"Check: brentwatch alerts show {alert().alert_id}"
FEW = tuple(AnalogueMoves(sessions=after, n=5, effective_n=4.2, spread=None) for after in (0, 1, 5))


def last_line(**changes: Any) -> str:
    return compose_text(alert(analogues=replace(FOUND, **changes))).card.split("\n")[-1]


def test_the_card_says_it_in_one_sentence() -> None:
    assert last_line() == (
        "Events like this: 12 (9 from the catalogue); median move after 1 session +0.3 %, 95 % interval "
        f"{MINUS}1.0 to +1.6 %; 5 of 12 reversed (by chance 6). {CHECK}"
    )
    assert last_line(reversals=Reversals(n=12, reversed=5, placebo=None)).endswith(
        f"5 of 12 reversed. {CHECK}"
    )
    assert last_line(bundled=0).startswith("Events like this: 3; median")


def test_too_few_are_too_few_to_say() -> None:
    few = {"moves": FEW, "reversals": None}
    assert last_line(bundled=5, own=0, effective_n=4.2, **few) == (
        f"Events like this: 5 (5 from the catalogue), too few to say. {CHECK}"
    )
    assert last_line(bundled=0, own=12, effective_n=6.3, **few) == (
        f"Events like this: 12, effective number 6.3, too few to say. {CHECK}"
    )
    assert last_line(bundled=0, own=0, effective_n=0.0, **few) == f"No past event like this is known. {CHECK}"


def test_it_is_about_the_event_that_the_card_names() -> None:
    assert last_line(event_id="desk:another") == CHECK
    assert compose_text(alert(analogues=None)).card.split("\n")[-1] == CHECK
    gone = alert(analogues=FOUND, events=(), events_total=0, exposure=None)
    assert compose_text(gone).card.split("\n")[-1] == CHECK


def test_the_lock_screen_and_the_other_lines_stay_as_they_are() -> None:
    plain, told = compose_text(alert()), compose_text(alert(analogues=FOUND))

    assert told.lock_screen == plain.lock_screen
    assert told.lines[:-1] == plain.lines[:-1]
    assert list_shown_figures(alert(analogues=FOUND)) == list_shown_figures(alert())


def test_the_longest_sentence_loses_its_end_and_not_the_command() -> None:
    wide = replace(SPREAD, median=9.0, interval_low=-9.0, interval_high=99.0)
    moves = tuple(replace(each, n=100, spread=wide) for each in FOUND.moves)
    line = last_line(bundled=60, own=40, moves=moves, reversals=Reversals(n=100, reversed=55, placebo=45.0))

    assert len(line) <= LINE_CHARACTERS
    assert line.startswith("Events like this: 100 (60 from the catalogue)")
    assert line.endswith(CHECK)


def test_the_detail_says_a_little_more() -> None:
    lines = write_detail(alert(analogues=FOUND))
    start = next(number for number, line in enumerate(lines) if line.startswith("Past events like this one"))

    figures = f"n = 12, median +0.3 %, 95 % interval {MINUS}1.0 to +1.6 %, quartiles {MINUS}0.4 to +0.9 %"
    like = (
        f"Like it: attack on infrastructure, Saudi Arabia, session Mon 8 Mar 2021, {MINUS}2.8 % (same class, "
        "exposure 0.90 against 0.80, same country, relevance 0.85 against 0.64)"
    )
    assert list(lines[start : start + 7]) == [
        "Past events like this one (attack on infrastructure, Saudi Arabia): 9 of the catalogue, with Brent "
        "spot prices, and 3 of this timeline; effective number 10.4",
        f"The session itself: {figures}",
        f"After 1 session: {figures}",
        f"After 5 sessions: {figures}",
        "Half or more of the first move gone after 5 sessions: 5 of 12 (placebo: 6.2, from other "
        "sessions with moves of that size)",
        like,
        like,
    ]
    few = write_detail(alert(analogues=replace(FOUND, moves=FEW, reversals=None)))
    assert "After 1 session: n = 5, too few to say" in few
    assert not any("median" in line for line in few)


def test_foreign_text_in_it_is_cleaned() -> None:
    hostile = replace(NEAREST, explained="\x1b[2Jsame\nclass\u202e")
    lines = write_detail(alert(analogues=replace(FOUND, nearest=(hostile,))))

    assert all(line.isprintable() for line in lines)
