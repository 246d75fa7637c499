"""The words that travel with an alert: what they answer, and that their limits hold for every alert."""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.intraday_desk import own
from tests.message.studies import found
from tests.message.test_words import CALIBRATION, FOLLOWED
from tests.notify.alerts import (
    CASES,
    EVENT,
    GONE,
    HEADLINE_TEST,
    MEETING,
    NOT_ABNORMAL,
    REOPEN_TEST,
    SETTLEMENT_NEXT,
    SETTLEMENT_TEST,
    UNTESTED_REOPEN,
    WITHIN_TEST,
    alert,
    heads_up_alert,
    provisional_alert,
    reopen_alert,
    settlement_test,
    tested_alert,
    within_alert,
)
from tests.wire.strategies import alerts, heads_ups, numbers, texts
from tests.wire.validators import validator

from brentwatch.core.domain import (
    DERIVED_ONLY,
    PARTIAL_HISTORY,
    Alert,
    Cause,
    Confounder,
    ConfounderKind,
    Direction,
    EventClass,
    HeadsUp,
    Range,
    Severity,
    Stage,
    Verification,
    Window,
    rebase_prices,
)
from brentwatch.message import alert_text as module
from brentwatch.message.alert_state import is_withdrawn
from brentwatch.message.alert_text import compose_text, list_shown_figures, write_alert_text
from brentwatch.message.figures import MINUS
from brentwatch.message.phrases import DOWN, UP
from brentwatch.message.words import write_alert_lines
from brentwatch.wire.json_schemas import read_examples
from brentwatch.wire.published import decode_alert, encode_alert

if TYPE_CHECKING:
    from brentwatch.wire.published import AlertText

IRAN = replace(EVENT, event_id="desk:iran", country="IRN", exposure=0.4, production_kbd=3200.0)
IRAQ = replace(EVENT, event_id="desk:iraq", country="IRQ", exposure=None)
EXAMPLES = read_examples("alert.v2")
SECOND = {"revision": 2, "cause": Cause.WINDOW}


def first(**changes: Any) -> str:
    return compose_text(alert(**changes)).lock_screen


def card(**changes: Any) -> list[str]:
    return compose_text(alert(**changes)).card.split("\n")


@pytest.mark.parametrize("file", EXAMPLES)
def test_the_words_of_an_example_are_those_of_its_alert(file: str) -> None:
    published = decode_alert(EXAMPLES[file])
    assert published.text == compose_text(published.alert)


def test_the_lock_screen_says_how_loud_which_way_how_much_where_when_and_how_sure() -> None:
    assert first() == "CRITICAL ▲ Brent +11.6 % · Abqaiq attack · session 16 Sep · p < 0.002"


def test_what_the_price_did_is_seen_at_a_glance() -> None:
    for each in CASES.values():
        line = compose_text(each).lock_screen
        head = "" if each.revision == 1 else f"UPDATE {each.revision} · "
        arrow = "" if each.severity is None or each.lead is None else choose_arrow(each) + " "
        assert line.startswith(f"{head}{choose_word(each)} {arrow}Brent "), line
        room = 50 if each.severity is not None else 50 + len(head)  # "not abnormal" is worth the place
        assert line.index(" · ", len(head)) < room, line


def choose_word(each: Alert) -> str:
    if is_withdrawn(each):
        return "WITHDRAWN"
    return "HEADS-UP" if each.severity is None else each.severity.upper()


def choose_arrow(each: Alert) -> str:
    return DOWN if each.lead is not None and each.lead.direction is Direction.DOWN else UP


@pytest.mark.parametrize(
    "title", ["Brent", "Brent spot", "Brent front", "Brent front month", "Brent spot of another assessor"]
)
def test_the_title_is_short_enough_that_the_place_is_seen_at_a_glance(title: str) -> None:
    event = replace(EVENT, place="Abqaiq and Khurais and Ras Tanura, Eastern Province")
    shown = first(title=title, events=(event,))[:50]
    assert shown.startswith("CRITICAL ▲ Brent")
    assert " · Abqaiq and" in shown


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"events": (EVENT, IRAN), "events_total": 2}, " · Abqaiq attack and 1 more · "),
        ({"events_total": 9}, " · Abqaiq attack and 8 more · "),
        ({"events": (replace(EVENT, place=None),)}, " · Saudi Arabia attack · "),
        ({"events": (replace(EVENT, event_class=EventClass.RIOT),)}, " · Abqaiq riot · "),
        ({"events": (replace(EVENT, event_class=EventClass.OTHER),)}, " · Abqaiq event · "),
        ({"events": (), "events_total": 9}, " · event not listed · "),
        ({"events": (), "events_total": 0, "severity": Severity.INFO}, " · no known event · "),
    ],
)
def test_the_lock_screen_names_the_first_event_and_counts_the_others(changes: Any, said: str) -> None:
    assert said in first(**changes)


@pytest.mark.parametrize("event_class", EventClass)
def test_every_class_of_event_has_a_short_name(event_class: EventClass) -> None:
    said = first(events=(replace(EVENT, event_class=event_class),)).split(" · ")[1]
    assert said.startswith("Abqaiq ")
    assert "_" not in said
    assert len(said) <= 28


def test_a_place_from_outside_cannot_pass_for_a_part_of_the_line() -> None:
    event = replace(EVENT, place="X · WITHDRAWN ▼")
    assert first(events=(event,)).count(" · ") == first().count(" · ")


def test_a_revision_begins_with_update_and_says_what_is_new() -> None:
    assert first(**SECOND, windows=FOLLOWED[3:]) == (
        "UPDATE 2 · CRITICAL ▲ Brent +11.6 % · Abqaiq attack · +6.9 % over two sessions · session 16 Sep · "
        "p < 0.002"
    )
    assert card(**SECOND, windows=FOLLOWED[3:])[4].startswith("Update 2: +6.9 % over two sessions. Next: ")


def test_where_room_is_short_what_is_new_comes_before_the_session_and_p() -> None:
    event = replace(EVENT, place="A place with a long name", event_class=EventClass.SUPPLY_DISRUPTION)
    long = first(**SECOND, windows=FOLLOWED[3:], events=(event,), events_total=20, title="Brent of another")
    assert " · +6.9 % over two sessions" in long
    assert "p < 0.002" not in long
    assert len(long) <= 120


@pytest.mark.parametrize(
    ("cause", "news"),
    [
        (Cause.EVENT_JOINED, "event added"),
        (Cause.EVENT_UPDATED, "event updated"),
        (Cause.EVENT_WITHDRAWN, "event withdrawn"),
        (Cause.PRICE_REVISION, "price corrected"),
    ],
)
def test_a_revision_says_its_cause(cause: Cause, news: str) -> None:
    assert f" · {news} · " in first(revision=3, cause=cause)
    assert card(revision=3, cause=cause)[4].startswith(f"Update 3: {news}. ")


def test_every_revision_has_another_lock_screen() -> None:
    said = {
        first(),
        first(**SECOND, windows=FOLLOWED[3:]),
        first(revision=3, cause=Cause.WINDOW, windows=FOLLOWED),
        first(revision=4, cause=Cause.EVENT_JOINED, windows=FOLLOWED),
        first(revision=5, cause=Cause.EVENT_JOINED, windows=FOLLOWED),
    }
    assert sorted(each.partition(" · ")[0] for each in said)[1:] == [
        f"UPDATE {number}" for number in range(2, 6)
    ]


def test_what_came_after_the_first_session_is_said_by_its_own_test() -> None:
    calm = HEADLINE_TEST, found(-0.01, window=Window(1, 5)), FOLLOWED[1]
    assert " No further abnormal move after the first session. " in card(**SECOND, windows=calm)[4]
    strong = HEADLINE_TEST, found(-0.15, window=Window(1, 5)), FOLLOWED[1]
    assert (
        f" The move faded after the first session ({MINUS}13.8 %, p = 0.0063). "
        in card(**SECOND, windows=strong)[4]
    )
    assert "extended" in card(**SECOND, windows=(HEADLINE_TEST, found(0.15, window=Window(1, 5))))[4]


def test_what_comes_next_follows_what_is_complete() -> None:
    assert card(**SECOND, windows=FOLLOWED[3:])[4].endswith("Next: a final update after four more sessions.")
    assert card(**SECOND, windows=FOLLOWED)[4].endswith(
        "Final, unless a late event or a price correction arrives."
    )


def test_an_alert_that_prices_take_back_is_withdrawn_in_every_later_revision() -> None:
    for cause in (Cause.PRICE_REVISION, Cause.EVENT_JOINED):
        tests = (settlement_test(**{**NOT_ABNORMAL, "p": 0.012}),)
        changes: dict[str, Any] = {"revision": 2, "cause": cause, "tests": tests}
        assert first(**changes).startswith("UPDATE 2 · WITHDRAWN ▲ Brent +11.6 % · no longer abnormal · ")
        assert card(**changes)[1].count("Abnormal return ") == 1
        assert card(**changes)[2] == "No longer abnormal (p = 0.012, alert level 0.01)."


def test_a_corrected_price_that_allows_no_test_is_said() -> None:
    changes: dict[str, Any] = {"revision": 2, "cause": Cause.PRICE_REVISION, "tests": ()}
    assert " · no test is possible · price corrected · " in first(**changes)


def test_closes_below_zero_have_dollars_and_no_percentage() -> None:
    move = replace(SETTLEMENT_TEST.move, close=-37.63, previous_close=18.27, log_return=None)
    tests = (settlement_test(move=move),)
    assert first(tests=tests).startswith(f"CRITICAL ▼ Brent {MINUS}55.90 USD/bbl · Abqaiq attack · ")
    assert card(tests=tests)[1].startswith(
        f"Brent spot {MINUS}55.90 USD/bbl (18.27 to {MINUS}37.63), session Mon 16 Sep 2019. "
    )
    unlicensed = compose_text(alert(tests=tests, flags=(DERIVED_ONLY,)))
    assert unlicensed.lock_screen.startswith("CRITICAL ▲ Brent no percentage · Abqaiq attack · ")


@pytest.mark.parametrize(
    ("p", "said", "rarity"),
    [
        (0.0, "p < 0.002", "Very rare: fewer than 1 normal session in 500 moves this much"),
        (0.0019, "p < 0.002", "Very rare: fewer than 1 normal session in 500 moves this much"),
        (0.002, "p = 0.0020", "Very rare: about 1 normal session in 500 moves this much"),
        (0.0028, "p = 0.0028", "Very rare: about 1 normal session in 360 moves this much"),
        (0.0095, "p = 0.0095", "Rare: about 1 normal session in 110 moves this much"),
    ],
)
def test_how_sure_it_is_stands_in_words_first_and_p_as_far_as_it_is_known(
    p: float, said: str, rarity: str
) -> None:
    tests = (settlement_test(p=p),)
    assert first(tests=tests).endswith(f" · {said}")
    assert card(tests=tests)[2].startswith(f"{rarity} ({said}, alert level 0.01). ")


def test_a_huge_move_fits() -> None:
    move = replace(SETTLEMENT_TEST.move, close=1e300, previous_close=1e-300, log_return=1e3)
    text = compose_text(tested_alert(move=move))
    assert text.lock_screen.startswith("CRITICAL ▲ Brent more than +99,999 % · ")
    assert "+1.0e+300 USD/bbl" in text.card


def test_a_withdrawn_event_is_never_an_unknown_one() -> None:
    withdrawn = compose_text(alert(revision=2, cause=Cause.EVENT_WITHDRAWN, **GONE))
    assert withdrawn.lock_screen.startswith(
        "UPDATE 2 · WITHDRAWN ▲ Brent +11.6 % · all events withdrawn, the move stands · "
    )
    assert withdrawn.card.startswith("Every event of this alert was withdrawn; the price move stands.\n")
    later = first(revision=3, cause=Cause.WINDOW, windows=FOLLOWED, **GONE)
    assert later.startswith("UPDATE 3 · WITHDRAWN ▲ ")


def test_barrels_are_those_of_the_highest_exposed_event_and_unknown_is_never_zero() -> None:
    assert " · Saudi Arabia, 3.2 mb/d at risk · " in card(events=(IRAQ, IRAN), exposure=0.4)[0]
    assert " · barrels at risk unknown · " in card(events=(IRAQ,), exposure=None)[0]


def test_the_headline_is_quoted_and_marked_whatever_its_length() -> None:
    machine = replace(EVENT, verification=Verification.MACHINE, summary="word " * 90, place="Place, " * 20)
    said = card(events=(machine,), events_total=3)[0]
    assert said.endswith('…" (unverified), and 2 other events')
    assert '"word word' in said
    assert '"word word' in card(events=(replace(machine, country="COD", exposure_country="VCT"),))[0]


def test_what_else_happened_is_listed_and_the_rest_counted() -> None:
    meeting = replace(MEETING, text="A committee\x1b meets.")
    days = tuple(date(2019, 9, number) for number in (10, 11, 12, 17))
    assert card(confounders=(meeting,) * 4, overlaps=days)[3].endswith(
        ". Other news listed: OPEC+ (A committee meets), 3 more items, events of 10 Sep, 11 Sep and 2 more "
        "sessions overlap."
    )


def test_the_lead_time_runs_from_the_news_to_the_settlement() -> None:
    assert card()[3].startswith("Settled 62.8 h after the news of Sat 14 Sep 00:45 UTC. ")
    assert card(events=(replace(EVENT, by_day=True),))[3] == card()[3]
    day_only = replace(EVENT, by_day=True, known_at=datetime(2019, 9, 14, tzinfo=UTC))
    assert card(events=(day_only,))[3].startswith(
        "Settled Mon 16 Sep 15:30 UTC; news of Sat 14 Sep, time of day unknown. "
    )
    assert card(**GONE)[3].startswith("Other news listed")


def test_the_last_line_is_a_command_that_shows_the_alert() -> None:
    assert card()[5] == f"Check: brentwatch alerts show {alert().alert_id}"


def test_a_backtest_and_a_history_without_its_beginning_are_marked() -> None:
    move = replace(SETTLEMENT_TEST.move, quality=("known_at_assumed",))
    assumed = card(tests=(settlement_test(move=move),))[4]
    assert assumed.endswith(" Backtest: price known at settlement.")
    assert card(flags=(PARTIAL_HISTORY,))[4].endswith(" Partial history.")


def test_a_rate_of_false_alarms_is_of_its_own_level_and_says_whether_it_was_measured() -> None:
    assert card()[2].endswith(" About 2.5 false alarms a year at this level, not measured on this series.")
    assert card(calibration=CALIBRATION)[2].endswith(
        " About 2.6 false alarms a year at this level, as measured."
    )
    other = card(tests=(settlement_test(level=0.006),), calibration=CALIBRATION)[2]
    assert other.endswith("alert level 0.006). About 1.5 false alarms a year at this level.")
    assert "0.1 false alarms a year or fewer" in card(tests=(settlement_test(level=0.0001, p=0.0001),))[2]


class TestWithinTheSession:
    def test_it_names_the_window_and_its_prices(self) -> None:
        text = compose_text(within_alert())
        assert text.lock_screen == (
            "CRITICAL ▲ Brent +3.0 % in 15 min · Abqaiq attack · 16 Sep 13:45 to 14:00 UTC · p < 0.0005"
        )
        assert text.card.split("\n")[1:5] == [
            "Brent front +3.0 %, +1.87 USD/bbl (61.25 to 63.12), Mon 16 Sep 2019, 13:45 to 14:00 UTC. "
            "Abnormal move +2.9 %, 95 % range +0.3 to +4.1 % given that it alerted; "
            f"normal range {MINUS}1.0 to +1.0 %.",
            "Very rare: fewer than 1 normal window in 2,000 moves this much (p < 0.0005, alert level 0.001). "
            "At most 1.0 false alarms a year from such tests, calibrated on simulated bars only.",
            "Window ended 18 minutes after the news of Mon 16 Sep 13:42 UTC. Other news listed: none.",
            "Next: within the session Mon 16 Sep 15:00 UTC, provisional settlement 18:45 UTC, settlement "
            "21:30 UTC, final Mon 23 Sep.",
        ]

    def test_its_update_tells_the_sixty_minutes_and_what_comes_next(self) -> None:
        text = compose_text(CASES["hour"])
        assert text.lock_screen.startswith("UPDATE 2 · CRITICAL ▲ Brent +3.0 % in 15 min · ")
        assert " · 60 minutes from 13:45 UTC +2.6 %, not abnormal" in text.lock_screen
        assert "Update 2: 60 minutes from 13:45 UTC +2.6 %, not abnormal (p = 0.0042); the 15 " in text.card

    def test_an_own_calibration_is_said(self) -> None:
        assert WITHIN_TEST.answered is not None
        for size, verdict in (
            (0.0108, "calibrated"),
            (0.0071, "found wrong less often than that"),
            (0.0204, "found wrong too often"),
        ):
            answered = replace(WITHIN_TEST.answered, own_calibration=own(size))
            text = compose_text(within_alert(tests=(replace(WITHIN_TEST, answered=answered),)))
            assert f" from such tests, {verdict} on own bars.\n" in text.card

    def test_news_that_came_when_the_window_had_begun_is_none_that_the_move_was_after(self) -> None:
        opened = within_alert()
        (event,) = opened.events
        later = replace(event, event_id="desk:later", known_at=LATER, country="IRN", place="Kharg")
        text = compose_text(replace(opened, events=(later, event), events_total=2))
        assert " · Abqaiq attack · " in text.lock_screen
        assert text.card.startswith("Attack on infrastructure, Abqaiq")
        assert "after the news of Mon 16 Sep 13:42 UTC" in text.card

    def test_without_the_event_that_opened_it_a_sentence_stays_that_is_true(self) -> None:
        opened = within_alert()
        later = replace(opened.events[0], known_at=LATER)
        assert " · event withdrawn · " in compose_text(replace(opened, events=(later,))).lock_screen
        flooded = replace(opened, events=(later,), events_total=30)
        assert " · event not listed · " in compose_text(flooded).lock_screen


LATER = datetime(2019, 9, 16, 13, 45, 1, tzinfo=UTC)
"""A second after the window began."""


class TestHeadsUp:
    def test_it_says_what_where_whose_barrels_when_trade_re_opens_and_that_nothing_was_tested(self) -> None:
        text = compose_text(heads_up_alert())
        assert text.lock_screen == (
            "HEADS-UP Brent · Abqaiq attack · Saudi Arabia, 9.7 mb/d at risk · no price test yet · trade "
            "re-opens Sun 22:00 UTC"
        )
        assert text.card.split("\n")[1:5] == [
            "No price test yet. Trade in Brent front re-opens Sun 15 Sep 22:00 UTC; the re-open test finds a "
            "gap of 7.0 % four times in five.",
            "5 of 41 heads-ups since 2002 were followed by an abnormal session, against 1.2 % of all "
            "sessions.",
            "News known Sat 14 Sep 00:45 UTC. Other news listed: none.",
            "Next: re-open Sun 15 Sep 22:20 and 23:15 UTC, provisional settlement Mon 16 Sep 18:45 UTC, "
            "settlement 21:30 UTC, final Mon 23 Sep.",
        ]

    def test_while_trade_is_open_it_says_so(self) -> None:
        told = compose_text(CASES["heads_up_open"])
        assert "No price test yet. Trade in Brent front is open.\nHeads-ups have no record yet." in told.card

    def test_without_bars_nothing_is_said_of_trade(self) -> None:
        told = compose_text(replace(CASES["heads_up_open"], upcoming=(SETTLEMENT_NEXT,)))
        assert "No price test yet.\nHeads-ups have no record yet." in told.card

    def test_without_its_events_it_is_withdrawn(self) -> None:
        text = compose_text(heads_up_alert(revision=2, cause=Cause.EVENT_WITHDRAWN, **GONE))
        assert text.lock_screen.startswith("UPDATE 2 · WITHDRAWN Brent · all events withdrawn")
        assert text.card.startswith("Every event of this alert was withdrawn.\n")

    def test_an_event_that_joins_is_counted(self) -> None:
        text = compose_text(
            heads_up_alert(revision=2, cause=Cause.EVENT_JOINED, events=(EVENT, IRAN), events_total=2)
        )
        assert " · no price test yet · event added" in text.lock_screen

    @settings(deadline=None, derandomize=True, max_examples=150)
    @given(alerts, heads_ups, st.sampled_from(Cause))
    def test_none_names_a_direction_or_a_percent_move(
        self, made: Alert, heads_up: HeadsUp, cause: Cause
    ) -> None:
        """Whatever an alert holds beside: foreign text is left out of the look."""
        shown = replace(
            made,
            alert_id="0",
            stage=Stage.HEADS_UP,
            severity=None,
            tests=(),
            untested=(),
            windows=(),
            heads_up=heads_up,
            cause=cause,
            title="Brent",
            series="brent-front",
            model="m",
            flags=(),
            events=tuple(replace(each, summary="", place=None, source=None) for each in made.events),
            unlisted=(),
            confounders=(),
            calibration=None,
            analogues=None,  # moves of past events have a sign, and are of other sessions
        )
        said = "\n".join(write_alert_lines(shown))
        assert not re.search(
            rf"[+{MINUS}±{UP}{DOWN}]|\b(up|down|rise|fall)\b", re.sub("heads-ups?", "", said, flags=re.I)
        )
        assert not re.search(r"CRITICAL|HIGH|MEDIUM|INFO", said)
        if not is_withdrawn(shown):
            assert said.startswith("HEADS-UP ") or " · HEADS-UP " in said
            assert "no price test yet" in compose_text(shown).lock_screen


class TestStages:
    def test_the_re_open_says_where_from_how_unusual_and_what_follows(self) -> None:
        text = compose_text(reopen_alert())
        assert text.lock_screen == (
            "UPDATE 2 · HIGH ▲ Brent +7.1 % at re-open · Abqaiq attack · Sun 22:05 UTC · p = 0.0009"
        )
        assert text.card.split("\n")[1:5] == [
            "Re-open Sun 22:05 UTC: +7.1 %, +4.28 USD/bbl (60.25 to 64.53) from the last trade "
            "(Fri 20:40 UTC). Abnormal move +6.5 %, 95 % range +1.0 to +9.0 % given that it alerted; "
            f"normal range {MINUS}1.8 to +1.8 %.",
            "The usual weekend gap is 0.6 % now; one this large comes by chance about once in 1,100 "
            "(p = 0.0009, alert level 0.001). At most 1.0 false alarms a year from such tests.",
            "Re-opened 45.2 h after the news of Sat 14 Sep 00:45 UTC. Other news listed: none. A third of "
            "such weekend gaps gave back more than half by the settlement.",
            "Update 2: the re-open is abnormal. Next: re-open + 60 min Sun 15 Sep 23:15 UTC, provisional "
            "settlement Mon 16 Sep 18:45 UTC, settlement 21:30 UTC, final Mon 23 Sep.",
        ]

    def test_a_re_open_that_is_not_abnormal_keeps_the_word_of_the_heads_up_and_has_no_arrow(self) -> None:
        assert compose_text(CASES["reopen_calm"]).lock_screen == (
            f"UPDATE 2 · HEADS-UP Brent {MINUS}0.4 % at re-open, not abnormal · Abqaiq attack · "
            "Sun 22:05 UTC · p = 0.37"
        )
        assert (
            "Not abnormal: usual for a weekend (p = 0.37, alert level 0.001); the test finds a gap of "
            "7.0 % four times in five."
        ) in compose_text(CASES["reopen_calm"]).card

    def test_a_provisional_answer_is_marked_and_its_words_are_never_louder(self) -> None:
        text = compose_text(provisional_alert())
        assert text.lock_screen.startswith("UPDATE 4 · HIGH ▲ Brent +14.6 % provisional · Abqaiq attack · ")
        assert "\nProvisional, from the last bar before the settlement: +14.6 %, " in text.card
        tiny = tuple(replace(each, p=0.0) for each in provisional_alert().tests)
        assert "Very rare" not in compose_text(provisional_alert(tests=tiny)).card

    def test_a_settlement_that_is_not_abnormal_names_the_stage_that_was_in_every_later_revision(self) -> None:
        said = "ession +1.6 %, not abnormal (p = 0.43); the re-open was abnormal (p = 0.0009)."
        for name in ("settled_calm", "thread_final_calm"):
            assert said in compose_text(CASES[name]).card
        text = compose_text(CASES["settled_calm"])
        assert text.lock_screen == (
            "UPDATE 5 · HIGH ▲ Brent +7.1 % at re-open · Abqaiq attack · session +1.6 %, not abnormal · "
            "Sun 22:05 UTC · p = 0.0009"
        )

    def test_a_settlement_that_is_abnormal_leads_and_names_the_earlier_stage(self) -> None:
        text = compose_text(CASES["settled"])
        assert text.lock_screen == (
            "UPDATE 5 · HIGH ▲ Brent +14.6 % · Abqaiq attack · session 16 Sep · p = 0.0020"
        )
        assert "Update 5: the settlement is abnormal, as the re-open was (p = 0.0009). Next: " in text.card

    def test_what_comes_next_fits_and_the_soonest_is_kept(self) -> None:
        long = replace(UNTESTED_REOPEN, reason="the contract changed " * 20)
        told = compose_text(reopen_alert(tests=(), untested=(long,), severity=None)).card.split("\n")[4]
        assert len(told) <= 200
        assert "…. Next: re-open Sun 15 Sep 23:15 UTC" in told
        assert told.endswith(".")

    @pytest.mark.parametrize("name", CASES)
    def test_every_stage_fits_without_a_cut(self, name: str) -> None:
        text = compose_text(CASES[name])
        assert_within_limits(text)
        assert "…" not in "\n".join(text.lines)
        assert len(text.card.split("\n")) == 6

    @pytest.mark.parametrize("name", CASES)
    def test_no_p_is_told_below_what_is_known_of_the_tail(self, name: str) -> None:
        shown = CASES[name]
        told = "\n".join(
            write_alert_lines(replace(shown, tests=tuple(replace(each, p=1e-9) for each in shown.tests)))
        )
        assert all(float(p) >= 0.0005 for p in re.findall(r"p [=<] ([0-9.]*[0-9])", told))

    def test_a_re_open_of_the_first_hour_alone_says_so(self) -> None:
        hour = replace(CASES["first_hour"].tests[1], p=0.0008)
        calm = replace(REOPEN_TEST, p=0.002, given_alert=None)
        text = compose_text(reopen_alert(tests=(calm, hour)))
        assert text.lock_screen.startswith("UPDATE 2 · HIGH ▲ Brent +7.4 % re-open + 60 min · Abqaiq attack")
        assert "The usual weekend gap with the first hour is 0.7 % now; " in text.card


FALLEN = replace(SETTLEMENT_TEST.move, close=54.83, log_return=-0.11)


class TestShownFigures:
    def test_each_figure_of_lock_screen_and_card_is_there(self) -> None:
        figures = list_shown_figures(alert())
        assert figures[:5] == ("CRITICAL", "▲", "settlement", "+11.6", "16")
        for figure in (
            "+7.17",
            "61.25",
            "68.42",
            "+11.2",
            "+1.0",
            "+16.1",
            f"{MINUS}3.9",
            "9.7",
            "62.8",
            "0.01",
        ):
            assert figure in figures

    @pytest.mark.parametrize(
        "changes",
        [
            {"revision": 7, "cause": Cause.EVENT_JOINED},
            {"alert_id": "99"},
            {"known_at": datetime(2019, 9, 20, tzinfo=UTC)},
            {"title": "Brent 2 spot"},
            {"events": (replace(EVENT, summary="3 refineries of 8 burn", source="https://8.example/9"),)},
        ],
    )
    def test_what_is_no_figure_of_ours_changes_nothing(self, changes: Any) -> None:
        before = list_shown_figures(alert(revision=2, cause=Cause.EVENT_JOINED))
        assert list_shown_figures(alert(**{"revision": 2, "cause": Cause.EVENT_JOINED} | changes)) == before

    @pytest.mark.parametrize(
        "changes",
        [
            {"severity": Severity.HIGH},
            {"tests": (settlement_test(direction=Direction.DOWN, move=FALLEN),)},
            {"tests": (settlement_test(p=0.0046),)},
            {"stage": Stage.FINAL},
            {"events_total": 2},
            {"windows": FOLLOWED},
            {"tests": (settlement_test(**NOT_ABNORMAL),)},
            {"tests": (REOPEN_TEST, SETTLEMENT_TEST), "revision": 2, "cause": Cause.TEST},
        ],
    )
    def test_what_a_reader_sees_changes_them(self, changes: Any) -> None:
        assert list_shown_figures(alert(**changes)) != list_shown_figures(alert())


class TestDerivedOnly:
    @pytest.mark.parametrize("name", [name for name in CASES if "derived" not in name])
    def test_no_level_and_no_change_in_dollars_is_shown(self, name: str) -> None:
        licensed = CASES[name]
        unlicensed = replace(licensed, flags=(*licensed.flags, DERIVED_ONLY))
        said = "\n".join(write_alert_lines(unlicensed))
        assert "USD" not in said
        moves = [*(each.move for each in licensed.tests), *(each.move for each in licensed.untested)]
        prices = {f"{price:.2f}" for move in moves if move for price in (move.close, move.previous_close)}
        assert not {price for price in prices if price in said}
        if licensed.lead is not None:
            assert f"{licensed.lead.move.close:.2f}" in "\n".join(write_alert_lines(licensed))

    def test_the_words_of_a_rebased_alert_are_the_same(self) -> None:
        unlicensed = CASES["derived_only"]
        assert compose_text(rebase_prices(unlicensed)) == compose_text(unlicensed)


FOREIGN = {
    "line breaks": "one\ntwo\r\nthree\u2028four\u2029five\x0bsix\x85seven",
    "control": "\x1b[2J\x07\x00CRITICAL",
    "bidi": "\u202egnp.exe\u2066x\u2069 \u200f",
    "emoji": "👩‍🚒🔥🇸🇦 fire " * 30,
    "combining": "Z\u0351\u0363\u0311a\u0301l\u0327g\u0308o\u0304" * 60,
    "arabic": "هجوم على منشأة نفطية في بقيق " * 12,
    "long": "x" * 200,
}


@pytest.mark.parametrize("foreign", FOREIGN.values(), ids=FOREIGN)
def test_foreign_text_adds_no_line_and_keeps_its_room(foreign: str) -> None:
    confounder = Confounder(
        session=date(2019, 9, 16), kind=ConfounderKind.OTHER, text=foreign, source=foreign
    )
    event = replace(EVENT, summary=foreign[:500], place=foreign[:200], source=foreign)
    text = compose_text(
        replace(
            tested_alert(p=0.004),
            events=(event,),
            title=foreign[:200],
            series=foreign[:200],
            confounders=(confounder,),
        )
    )
    assert_within_limits(text)
    assert len(text.card.split("\n")) == 6
    assert text.lock_screen.endswith(" · p = 0.0040")
    assert ", Saudi Arabia · 9.7 mb/d at risk · " in text.card
    assert text.card.endswith("\nCheck: brentwatch alerts show 0123456789abcdef0123")


@settings(deadline=None, derandomize=True, max_examples=200)
@given(foreign=st.text(max_size=200), place=st.text(max_size=80))
def test_no_foreign_text_forges_a_line_or_is_taken_for_a_format(foreign: str, place: str) -> None:
    """Whatever it holds, the lines begin as ours do, and what is cut is never ours."""
    hostile = foreign + "{0} %s %(p)s {alert_id} \x1b[31m\u202e\r\n"
    event = replace(EVENT, summary=hostile, place=place, verification=Verification.MACHINE)
    confounder = replace(MEETING, text=hostile, source=hostile)
    text = compose_text(alert(events=(event,), title=f"Brent {foreign}"[:200], confounders=(confounder,)))
    assert_within_limits(text)
    lines = text.card.split("\n")
    assert text.lock_screen.startswith("CRITICAL ▲ Brent")
    assert text.lock_screen.endswith(" attack · session 16 Sep · p < 0.002")
    assert lines[0].startswith("Attack on infrastructure, ")
    assert lines[0].endswith('" (unverified)')
    assert lines[1].startswith("Brent")
    assert lines[1].endswith(f"; normal range {MINUS}3.9 to +4.1 %.")
    assert [each.split(" ")[0] for each in lines[2:]] == ["Very", "Settled", "Next:", "Check:"]


def test_what_is_cut_ends_with_an_ellipsis_and_never_between_a_letter_and_its_accent() -> None:
    event = replace(EVENT, summary="e\u0301" * 200)
    said = card(events=(event,))[0]
    headline = said[said.index('"') + 1 : said.rindex('"')]
    assert headline.endswith("\u0301…")
    assert len(said) <= 200
    assert not any(unicodedata.combining(after) and before in " …" for before, after in pairwise(headline))


@pytest.mark.slow
@settings(deadline=None, derandomize=True, max_examples=40)
@given(
    alerts,
    st.builds(
        replace,
        st.sampled_from(list(CASES.values())),
        title=texts.filter(bool),
        revision=st.integers(1, 2**53 - 1),
    ),
    numbers,
    st.sampled_from(Cause),
)
def test_every_alert_has_words_within_the_limits(
    made: Alert, stage: Alert, number: float, cause: Cause
) -> None:
    for each in (made, stage, make_extreme(stage, number, cause)):
        assert_within_limits(compose_text(each))
        write_alert_lines(each)


def make_extreme(shown: Alert, number: float, cause: Cause) -> Alert:
    moved = replace(SETTLEMENT_TEST.move, close=number, previous_close=-number, log_return=number)
    tests = tuple(
        replace(
            each,
            estimate=number,
            range=Range(-number, number),
            normal=Range(-number, number),
            expected=number,
            usual=number,
            mde_alert=number,
            move=moved,
        )
        for each in shown.tests
    )
    return replace(shown, tests=tests, cause=cause)


def assert_within_limits(text: AlertText) -> None:
    """As the schema says, and more: nothing unprintable, no empty line, every line short."""
    schema = validator("alert.v2")
    document = json.loads(encode_alert(alert(), text))
    schema.validate(document)
    assert document["text"] == {"lock_screen": text.lock_screen, "card": text.card}
    assert len(text.lock_screen) <= 120
    assert all(0 < len(line) <= 200 and line.isprintable() for line in text.lines)
    assert len(text.card.split("\n")) <= 6


def test_a_fault_of_ours_costs_an_alert_its_words_and_not_its_publication(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(_: Alert) -> list[str]:
        raise ZeroDivisionError("made up")

    monkeypatch.setattr(module, "write_card_lines", fail)
    text = write_alert_text(alert())
    assert text.lock_screen == "CRITICAL Brent spot: alert of 2019-09-16"
    assert text.card == "The text of this alert could not be written. Read its other fields."


def test_the_words_say_no_cause_and_give_no_advice() -> None:
    said = "\n".join(compose_text(alert(**SECOND, windows=FOLLOWED, calibration=CALIBRATION)).lines).lower()
    assert [word for word in ("caus", "because", "due to", "buy", "sell", "anomal") if word in said] == []
