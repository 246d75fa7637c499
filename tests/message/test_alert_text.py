"""The words that travel with an alert: what they answer, and that their limits hold for every alert."""

from __future__ import annotations

import json
import unicodedata
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.intraday_desk import new_york, own
from tests.core.monitor.test_intraday import attacked
from tests.message.studies import found
from tests.message.test_words import CALIBRATION, FOLLOWED
from tests.notify.alerts import CASES, EVENT, GONE, MEETING, alert
from tests.wire.strategies import alerts, numbers, texts
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
    Severity,
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
EXAMPLES = read_examples("alert.v1")
SECOND = {"revision": 2, "cause": Cause.WINDOW}


def first(**changes: Any) -> str:
    return compose_text(alert(**changes)).lock_screen


def card(**changes: Any) -> list[str]:
    return compose_text(alert(**changes)).card.split("\n")


def in_session() -> list[Alert]:
    """Two revisions of an alert of 15 minutes: as it was opened, and with its 60 minutes."""
    desk = attacked()
    desk.trade(new_york(10, 45))
    return desk.within()


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
        word = "WITHDRAWN" if is_withdrawn(each) else each.severity.upper()
        arrow = DOWN if each.direction is Direction.DOWN else UP
        assert line.startswith(f"{head}{word} {arrow} Brent "), line
        assert line.index(" · ", len(head)) < 50, line


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
    assert first(**SECOND, windows=FOLLOWED[-1:]) == (
        "UPDATE 2 · CRITICAL ▲ Brent +11.6 % · Abqaiq attack · +6.9 % over two sessions · session 16 Sep · "
        "p < 0.002"
    )
    assert card(**SECOND, windows=FOLLOWED[-1:])[4].startswith("Update 2: +6.9 % over two sessions. Next: ")


def test_where_room_is_short_what_is_new_comes_before_the_session_and_p() -> None:
    event = replace(EVENT, place="A place with a long name", event_class=EventClass.SUPPLY_DISRUPTION)
    long = first(**SECOND, windows=FOLLOWED[-1:], events=(event,), events_total=20, title="Brent of another")
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
        first(**SECOND, windows=FOLLOWED[-1:]),
        first(revision=3, cause=Cause.WINDOW, windows=FOLLOWED),
        first(revision=4, cause=Cause.EVENT_JOINED, windows=FOLLOWED),
        first(revision=5, cause=Cause.EVENT_JOINED, windows=FOLLOWED),
    }
    assert sorted(each.partition(" · ")[0] for each in said)[1:] == [
        f"UPDATE {number}" for number in range(2, 6)
    ]


def test_what_came_after_the_first_session_is_said_by_its_own_test() -> None:
    calm = found(-0.01, window=Window(1, 5)), FOLLOWED[1]
    assert " No further abnormal move after the first session. " in card(**SECOND, windows=calm)[4]
    strong = found(-0.15, window=Window(1, 5)), FOLLOWED[1]
    assert (
        f" The move faded after the first session ({MINUS}13.8 %, p = 0.0063). "
        in card(**SECOND, windows=strong)[4]
    )
    assert "extended" in card(**SECOND, windows=(found(0.15, window=Window(1, 5)), FOLLOWED[1]))[4]


def test_what_comes_next_follows_what_is_complete() -> None:
    assert card(**SECOND, windows=FOLLOWED[-1:])[4].endswith("Next: a final update after four more sessions.")
    assert card(**SECOND, windows=FOLLOWED)[4].endswith(
        "Final, unless a late event or a price correction arrives."
    )


def test_an_alert_that_prices_take_back_is_withdrawn_in_every_later_revision() -> None:
    for cause in (Cause.PRICE_REVISION, Cause.EVENT_JOINED):
        changes: dict[str, Any] = {"revision": 2, "cause": cause, "below_level": False, "p": 0.012}
        assert first(**changes).startswith("UPDATE 2 · WITHDRAWN ▲ Brent +11.6 % · no longer abnormal · ")
        assert card(**changes)[1].count("Abnormal return ") == 1
        assert card(**changes)[2] == "No longer abnormal (p = 0.012, alert level 0.01)."


def test_a_corrected_price_that_allows_no_test_is_said() -> None:
    changes: dict[str, Any] = {"revision": 2, "cause": Cause.PRICE_REVISION, "below_level": False}
    assert " · no test is possible · price corrected · " in first(**changes)


def test_closes_below_zero_have_dollars_and_no_percentage() -> None:
    move = replace(alert().move, close=-37.63, previous_close=18.27, log_return=None)
    assert first(move=move).startswith(f"CRITICAL ▼ Brent {MINUS}55.90 USD/bbl · Abqaiq attack · ")
    assert card(move=move)[1].startswith(
        f"Brent spot {MINUS}55.90 USD/bbl (18.27 to {MINUS}37.63), session Mon 16 Sep 2019. "
    )
    unlicensed = compose_text(alert(move=move, flags=(DERIVED_ONLY,)))
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
    assert first(p=p).endswith(f" · {said}")
    assert card(p=p)[2].startswith(f"{rarity} ({said}, alert level 0.01). ")


def test_a_huge_move_fits() -> None:
    text = compose_text(alert(move=replace(alert().move, close=1e300, previous_close=1e-300, log_return=1e3)))
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
    assumed = card(move=replace(alert().move, quality=("known_at_assumed",)))[4]
    assert assumed.endswith(" Backtest: price known at settlement.")
    assert card(flags=(PARTIAL_HISTORY,))[4].endswith(" Partial history.")


def test_a_rate_of_false_alarms_is_of_its_own_level_and_says_whether_it_was_measured() -> None:
    assert card()[2].endswith(" About 2.5 false alarms a year at this level, not measured on this series.")
    assert card(calibration=CALIBRATION)[2].endswith(
        " About 2.6 false alarms a year at this level, as measured."
    )
    other = card(level=0.006, calibration=CALIBRATION)[2]
    assert other.endswith("alert level 0.006). About 1.5 false alarms a year at this level.")
    assert "0.1 false alarms a year or fewer" in card(level=0.0001)[2]


class TestWithinTheSession:
    def test_it_names_the_window_and_its_prices(self) -> None:
        text = compose_text(in_session()[0])
        assert text.lock_screen == (
            "CRITICAL ▲ Brent +5.0 % in 15 min · Saudi Arabia attack · 15 May 13:45 to 14:00 UTC · p < 0.0005"
        )
        assert text.card.split("\n")[1:5] == [
            "Brent front month +5.0 %, +4.21 USD/bbl (83.88 to 88.09), Wed 15 May 2024, 13:45 to 14:00 UTC. "
            f"Abnormal move +5.0 %, 95 % range +4.5 to +5.5 %; normal range {MINUS}0.5 to +0.5 %.",
            "Very rare: fewer than 1 normal window in 2,000 moves this much (p < 0.0005, alert level 0.001). "
            "At most 1.0 false alarms a year from such tests, calibrated on simulated bars only.",
            "Window ended 18 minutes after the news of Wed 15 May 13:42 UTC. Other news listed: weekly "
            "report (The weekly petroleum report of the United States…).",
            "Next: the window of 60 minutes, then the settlement at Wed 15 May 18:30 UTC, with its own test.",
        ]

    def test_its_update_tells_the_sixty_minutes_and_what_comes_next(self) -> None:
        text = compose_text(in_session()[1])
        assert text.lock_screen.startswith("UPDATE 2 · CRITICAL ▲ Brent +5.0 % in 15 min · ")
        assert " · +4.9 % in 60 minutes" in text.lock_screen
        assert " Next: the settlement at Wed 15 May 18:30 UTC, with its own test.\n" in text.card

    def test_an_own_calibration_is_said(self) -> None:
        opened = in_session()[0]
        assert opened.within is not None
        assert opened.within.answered is not None
        for size, verdict in (
            (0.0108, "calibrated"),
            (0.0071, "found wrong less often than that"),
            (0.0204, "found wrong too often"),
        ):
            answered = replace(opened.within.answered, own_calibration=own(size))
            text = compose_text(replace(opened, within=replace(opened.within, answered=answered)))
            assert f" from such tests, {verdict} on own bars.\n" in text.card

    def test_news_that_came_when_the_window_had_begun_is_none_that_the_move_was_after(self) -> None:
        opened = in_session()[0]
        event = opened.events[0]
        later = replace(event, event_id="desk:later", known_at=new_york(9, 45, 1), country="IRN")
        text = compose_text(replace(opened, events=(later, event), events_total=2))
        assert " · Saudi Arabia attack · " in text.lock_screen
        assert text.card.startswith("Attack on infrastructure, Saudi Arabia")
        assert "after the news of Wed 15 May 13:42 UTC" in text.card

    def test_without_the_event_that_opened_it_a_sentence_stays_that_is_true(self) -> None:
        opened = in_session()[0]
        later = replace(opened.events[0], known_at=new_york(9, 45, 1))
        assert " · event withdrawn · " in compose_text(replace(opened, events=(later,))).lock_screen
        flooded = replace(opened, events=(later,), events_total=30)
        assert " · event not listed · " in compose_text(flooded).lock_screen


class TestShownFigures:
    def test_each_figure_of_lock_screen_and_card_is_there(self) -> None:
        figures = list_shown_figures(alert())
        assert figures[:4] == ("CRITICAL", "▲", "+11.6", "16")
        for figure in ("+7.17", "61.25", "68.42", "+7.3", "+16.2", f"{MINUS}3.9", "9.7", "62.8", "0.01"):
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
            {"direction": Direction.DOWN, "move": replace(alert().move, close=54.83, log_return=-0.11)},
            {"p": 0.0046},
            {"events_total": 2},
            {"windows": FOLLOWED},
            {"below_level": False},
        ],
    )
    def test_what_a_reader_sees_changes_them(self, changes: Any) -> None:
        assert list_shown_figures(alert(**changes)) != list_shown_figures(alert())


class TestDerivedOnly:
    @pytest.mark.parametrize("name", ["critical", "final", "intraday", "withdrawn_move"])
    def test_no_level_and_no_change_in_dollars_is_shown(self, name: str) -> None:
        licensed = CASES[name]
        unlicensed = replace(licensed, flags=(*licensed.flags, DERIVED_ONLY))
        said = "\n".join(write_alert_lines(unlicensed))
        level, before = licensed.move.close, licensed.move.previous_close
        assert "USD" not in said
        assert f"{level:.2f}" not in said
        assert f"{before:.2f}" not in said
        assert f"{level:.2f}" in "\n".join(write_alert_lines(licensed))

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
        alert(events=(event,), title=foreign[:200], series=foreign[:200], confounders=(confounder,), p=0.004)
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
        replace, st.sampled_from(in_session()), title=texts.filter(bool), revision=st.integers(1, 2**53 - 1)
    ),
    numbers,
    st.sampled_from(Cause),
)
def test_every_alert_has_words_within_the_limits(
    made: Alert, within: Alert, number: float, cause: Cause
) -> None:
    test = replace(within.headline, car=number, total=number, low=-number, high=number)
    moved = replace(within.move, close=number, previous_close=-number, log_return=number)
    extreme = replace(within, headline=test, windows=(test,), move=moved, cause=cause)
    for each in (made, within, extreme):
        assert_within_limits(compose_text(each))


def assert_within_limits(text: AlertText) -> None:
    """As the schema says, and more: nothing unprintable, no empty line, every line short."""
    schema = validator("alert.v1")
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
