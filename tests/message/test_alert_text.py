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
from tests.notify.alerts import EVENT, alert
from tests.wire.strategies import alerts, numbers, texts
from tests.wire.validators import validator

from brentwatch.core.domain import Alert, Cause, Confounder, ConfounderKind, Severity, Window
from brentwatch.message import alert_text as module
from brentwatch.message.alert_text import compose_text, write_alert_text
from brentwatch.message.figures import MINUS
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


def test_the_lock_screen_says_how_loud_what_how_much_when_after_what_and_how_sure() -> None:
    assert first() == "CRITICAL Brent spot +11.6 % on Mon 16 Sep after 1 event in Saudi Arabia (p < 0.002)"


def test_the_card_answers_in_six_lines() -> None:
    assert card(p=0.0028, calibration=CALIBRATION) == [
        "Brent spot +11.6 % (+7.17 USD/bbl) from 61.25 (close of Fri 13 Sep) to 68.42 USD/bbl "
        "(close of Mon 16 Sep).",
        "p = 0.0028, alert level 0.01. About 2.5 false alarms a year at this level (measured on 6,004 "
        f"sessions: 2.6). Normal range (95 %): {MINUS}3.9 to +4.1 %.",
        "What happened: Attack on infrastructure, Abqaiq, Saudi Arabia, known Sat 14 Sep 00:45 UTC: "
        '"Drones stop half of the output" (source: example.org).',
        "Barrels at risk: 9.7 mb/d, Saudi Arabia (exposure 0.98 on a scale of 0 to 1).",
        "Also: nothing else is listed for this session.",
        "Next: an update after the next settlement, and a final one after five more sessions. "
        "Data: brent-spot, settled Mon 16 Sep 2019 15:30 UTC.",
    ]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"events": (EVENT, IRAN), "events_total": 2}, "after 2 events in Saudi Arabia and Iran ("),
        (
            {"events": (EVENT, IRAN, IRAQ), "events_total": 3},
            "after 3 events in Saudi Arabia and 2 other countries",
        ),
        ({"events_total": 9}, "after 9 events, Saudi Arabia among the places ("),
        ({"events": (replace(EVENT, country="ARE"),)}, "after 1 event in the United Arab Emirates ("),
        ({"events": (), "events_total": 9}, "after 9 events ("),
        ({"events": (), "events_total": 0, "severity": Severity.INFO}, "on Mon 16 Sep, no event is known ("),
    ],
)
def test_the_lock_screen_counts_the_events_and_names_their_countries(changes: Any, said: str) -> None:
    assert said in first(**changes)


def test_a_revision_begins_with_update_and_says_what_is_new() -> None:
    assert first(**SECOND, windows=FOLLOWED[-1:]) == (
        "UPDATE 2: CRITICAL Brent spot +11.6 % on Mon 16 Sep (p < 0.002) after 1 event in Saudi Arabia; "
        "+6.9 % over two sessions"
    )
    assert card(**SECOND, windows=FOLLOWED[-1:])[0].startswith("Update 2: +6.9 % over two sessions. Brent")


def test_where_room_is_short_the_countries_give_way_and_the_news_stays() -> None:
    long = first(
        **SECOND, windows=FOLLOWED[-1:], title="Brent first position", events=(EVENT,) * 2, events_total=2
    )
    assert long.endswith("(p < 0.002) after 2 events; +6.9 % over two sessions")


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
    assert first(revision=3, cause=cause).endswith(f"; {news}")
    assert card(revision=3, cause=cause)[0].startswith(f"Update 3: {news}. ")


def test_every_revision_has_another_lock_screen() -> None:
    said = {
        first(),
        first(**SECOND, windows=FOLLOWED[-1:]),
        first(revision=3, cause=Cause.WINDOW, windows=FOLLOWED),
        first(revision=4, cause=Cause.EVENT_JOINED, windows=FOLLOWED),
        first(revision=5, cause=Cause.EVENT_JOINED, windows=FOLLOWED),
    }
    assert sorted(each.partition(":")[0] for each in said)[1:] == [
        f"UPDATE {number}" for number in range(2, 6)
    ]


def test_what_came_after_the_first_session_is_said_by_its_own_test() -> None:
    calm = found(-0.01, window=Window(1, 5)), FOLLOWED[1]
    assert card(**SECOND, windows=calm)[0].endswith(". No further abnormal move after the first session.")
    strong = found(-0.15, window=Window(1, 5)), FOLLOWED[1]
    assert (
        f". The move faded after the first session ({MINUS}13.8 %, p = 0.0063)."
        in card(**SECOND, windows=strong)[0]
    )
    assert "extended" in card(**SECOND, windows=(found(0.15, window=Window(1, 5)), FOLLOWED[1]))[0]


def test_what_comes_next_follows_what_is_complete() -> None:
    assert card(**SECOND, windows=FOLLOWED[-1:])[-1].startswith(
        "Next: a final update after four more sessions."
    )
    assert card(**SECOND, windows=FOLLOWED)[-1].startswith(
        "Final, unless a late event or a price correction arrives."
    )


def test_an_alert_that_prices_take_back_is_no_longer_abnormal_in_every_later_revision() -> None:
    for cause in (Cause.PRICE_REVISION, Cause.EVENT_JOINED):
        changes: dict[str, Any] = {"revision": 2, "cause": cause, "below_level": False, "p": 0.012}
        assert first(**changes).endswith(", no longer abnormal")
        assert card(**changes)[1].startswith("p = 0.012, alert level 0.01: no longer abnormal. ")


def test_a_corrected_price_that_allows_no_test_is_said() -> None:
    changes: dict[str, Any] = {
        "revision": 2,
        "cause": Cause.PRICE_REVISION,
        "below_level": False,
        "events": (),
    }
    assert first(**changes, events_total=0).endswith("price corrected, no test is possible")


def test_closes_below_zero_have_dollars_and_no_percentage() -> None:
    move = replace(alert().move, close=-37.63, previous_close=18.27, log_return=None)
    assert first(move=move).startswith(
        f"CRITICAL Brent spot {MINUS}55.90 USD/bbl on Mon 16 Sep after 1 event"
    )
    assert card(move=move)[0] == (
        f"Brent spot ({MINUS}55.90 USD/bbl, no percentage: a price is zero or below) from 18.27 "
        f"(close of Fri 13 Sep) to {MINUS}37.63 USD/bbl (close of Mon 16 Sep)."
    )


@pytest.mark.parametrize(
    ("p", "said"),
    [
        (0.0, "p < 0.002"),
        (0.0019, "p < 0.002"),
        (0.002, "p = 0.0020"),
        (0.0095, "p = 0.0095"),
        (0.5, "p = 0.50"),
    ],
)
def test_a_p_is_printed_as_far_as_it_is_known(p: float, said: str) -> None:
    assert first(p=p).endswith(f"({said})")
    assert card(p=p)[1].startswith(f"{said}, ")


def test_a_huge_move_fits() -> None:
    text = compose_text(alert(move=replace(alert().move, close=1e300, previous_close=1e-300, log_return=1e3)))
    assert text.lock_screen.startswith("CRITICAL Brent spot more than +99,999 % on Mon 16 Sep")
    assert "+1.0e+300 USD/bbl" in text.card


def test_a_withdrawn_event_is_never_an_unknown_one() -> None:
    gone: dict[str, Any] = {"events": (), "events_total": 0, "exposure": None}
    withdrawn = compose_text(alert(revision=2, cause=Cause.EVENT_WITHDRAWN, **gone))
    assert withdrawn.lock_screen.endswith("(p < 0.002); last event withdrawn")
    assert "every event of this alert was withdrawn; the price move stands." in withdrawn.card
    later = first(revision=3, cause=Cause.WINDOW, windows=FOLLOWED, **gone)
    assert later.endswith("(p < 0.002); its events were withdrawn; +3.7 % over six sessions")
    assert "Barrels at risk: unknown." in withdrawn.card


def test_barrels_are_those_of_the_highest_exposed_event_and_unknown_is_never_zero() -> None:
    assert card(events=(IRAQ, IRAN), exposure=0.4)[3].startswith(
        "Barrels at risk: 3.2 mb/d, Saudi Arabia (exposure 0.40"
    )
    assert card(events=(IRAQ,), exposure=None)[3] == "Barrels at risk: unknown."
    assert "exposure under 0.01 on" in card(exposure=0.001)[3]


def test_what_else_happened_is_listed_and_the_rest_counted() -> None:
    meeting = Confounder(
        session=date(2019, 9, 16),
        kind=ConfounderKind.OPEC_PLUS,
        text="A committee\x1b meets.",
        source="https://a.org",
    )
    days = tuple(date(2019, 9, number) for number in (10, 11, 12, 17))
    assert card(confounders=(meeting,) * 4, overlaps=days)[4] == (
        "Also: OPEC+ (A committee meets), OPEC+ (A committee meets), 2 more items; events of Tue 10 Sep, "
        "Wed 11 Sep and 2 more sessions are close enough to overlap."
    )


def test_the_source_says_how_new_its_data_is_and_what_a_backtest_assumes() -> None:
    late = card(known_at=datetime(2019, 9, 18, 14, tzinfo=UTC))[-1]
    assert late.endswith("settled Mon 16 Sep 2019 15:30 UTC, newest data Wed 18 Sep 14:00 UTC.")
    assumed = card(move=replace(alert().move, quality=("known_at_assumed",)))[-1]
    assert assumed.endswith(" Backtest assumption: price known at settlement.")


def test_an_uncalibrated_series_is_called_so_and_a_rate_is_of_its_own_level() -> None:
    assert "(uncalibrated: not measured on this series)" in card()[1]
    other = card(level=0.006, calibration=CALIBRATION)[1]
    assert (
        "alert level 0.006. About 1.5 false alarms a year at this level (measured on 6,004 sessions)."
        in other
    )
    assert "0.1 false alarms a year or fewer" in card(level=0.0001)[1]


class TestWithinTheSession:
    def test_it_names_the_window_and_its_prices(self) -> None:
        text = compose_text(in_session()[0])
        assert text.lock_screen == (
            "CRITICAL Brent front month +5.0 % in 15 minutes on Wed 15 May after 1 event in Saudi "
            "Arabia (p < 0.0005)"
        )
        assert text.card.split("\n") == [
            "Brent front month +5.0 % (+4.21 USD/bbl) from 13:45 to 14:00 UTC on Wed 15 May: 83.88 to 88.09 "
            "USD/bbl.",
            "p < 0.0005, alert level 0.001. At most 1.0 false alarms a year from tests during trading hours "
            f"(calibrated on simulated bars only). Normal range at that hour (95 %): {MINUS}0.5 to +0.5 %.",
            "What happened: Attack on infrastructure, Saudi Arabia, known Wed 15 May 13:42 UTC (unverified).",
            "Barrels at risk: 9.7 mb/d, Saudi Arabia (exposure 0.96 on a scale of 0 to 1).",
            "Also: weekly report (The weekly petroleum report of the United States comes out, 10:30 "
            "New York or later).",
            "Next: the window of 60 minutes, if trading goes on so long, then the settlement at Wed 15 "
            "May 18:30 UTC, which has its own test. Data: brent-front-5m, 5-minute bars through "
            "Wed 15 May 14:00 UTC.",
        ]

    def test_its_update_tells_the_sixty_minutes_and_what_comes_next(self) -> None:
        text = compose_text(in_session()[1])
        assert text.lock_screen.startswith(
            "UPDATE 2: CRITICAL Brent front month +5.0 % in 15 minutes on Wed 15 May"
        )
        assert text.lock_screen.endswith("; +4.9 % in 60 minutes")
        assert "\nNext: the settlement at Wed 15 May 18:30 UTC, which has its own test." in text.card

    def test_an_own_calibration_is_said(self) -> None:
        opened = in_session()[0]
        assert opened.within is not None
        assert opened.within.answered is not None
        answered = replace(opened.within.answered, own_calibration=own())
        text = compose_text(replace(opened, within=replace(opened.within, answered=answered)))
        assert "(calibrated on own bars of 2023-02-01 to 2024-04-26 (301 sessions))" in text.card

    def test_news_that_came_when_the_window_had_begun_is_none_that_the_move_was_after(self) -> None:
        opened = in_session()[0]
        event = opened.events[0]
        later = replace(event, event_id="desk:later", known_at=new_york(9, 45, 1), country="IRN")
        text = compose_text(replace(opened, events=(later, event), events_total=2))
        assert " after 1 event in Saudi Arabia (" in text.lock_screen
        assert "Also 1 other event. 1 event became known after the window had begun." in text.card

    def test_without_the_event_that_opened_it_a_sentence_stays_that_is_true(self) -> None:
        opened = in_session()[0]
        later = replace(opened.events[0], known_at=new_york(9, 45, 1))
        assert (
            " after an event that was withdrawn ("
            in compose_text(replace(opened, events=(later,))).lock_screen
        )
        flooded = replace(opened, events=(later,), events_total=30)
        assert " after an event that is not listed (" in compose_text(flooded).lock_screen


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
    assert text.lock_screen.endswith(" on Mon 16 Sep after 1 event in Saudi Arabia (p = 0.0040)")
    assert "Saudi Arabia, known Sat 14 Sep 00:45 UTC" in text.card


def test_what_is_cut_ends_with_an_ellipsis_and_never_between_a_letter_and_its_accent() -> None:
    event = replace(EVENT, summary="e\u0301" * 200)
    said = card(events=(event,))[2]
    headline = said[said.index('"') + 1 : said.rindex('"')]
    assert headline.endswith("\u0301…")
    assert len(headline) <= 120
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
    assert all(0 < len(line) <= 300 and line.isprintable() for line in text.lines)
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
