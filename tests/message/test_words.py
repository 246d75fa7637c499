"""An alert in words: what stands first, what fits what, and what is never said."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from tests.message.golden import FEEDBACK, RECORD
from tests.message.studies import found
from tests.notify.alerts import (
    CASES,
    EVENT,
    HEADLINE_TEST,
    NOT_ABNORMAL,
    SETTLEMENT_TEST,
    alert,
    final_alert,
    heads_up_alert,
    tested_alert,
)

from brentwatch.core.domain import (
    BRENT_SPOT,
    Alert,
    Beside,
    Calibration,
    Cause,
    Confounder,
    ConfounderKind,
    EventClass,
    Found,
    GivenAlert,
    Range,
    Standing,
    Unlisted,
    Window,
)
from brentwatch.history.bundled import load_level_records
from brentwatch.message.alert_text import compose_text
from brentwatch.message.figures import MINUS, format_p_value, format_percent, format_percent_range
from brentwatch.message.words import Feedback, write_alert_lines, write_confounder_line, write_detail
from brentwatch.wire.published import AlertText

CALIBRATION = Calibration(
    series="brent-spot",
    model="garch-t",
    n=6004,
    first=date(2002, 12, 13),
    last=date(2026, 8, 18),
    size_05=0.0481,
    size_01=0.0103,
    fifths_05=(0.05,) * 5,
    made_on=date(2026, 9, 1),
)

FOLLOWED = (
    found(-0.07, window=Window(1, 5)),
    found(0.035, window=Window(0, 5)),
    found(-0.042, window=Window(1, 1)),
    found(0.066, window=Window(0, 1)),
    HEADLINE_TEST,
)
"""In no order, as the fold may give them."""


def line(start: str, test: dict[str, Any] | None = None, **changes: Any) -> str:
    """The one line of the details that begins so, of an alert with a test changed and some fields."""
    shown = replace(tested_alert(**(test or {})), **changes)
    (found_line,) = [each for each in write_detail(shown) if each.startswith(start)]
    return found_line


def told_as(found_test: Found) -> dict[str, Any]:
    """The fields of a test that say what a test of the core says."""
    return {
        "p": found_test.p,
        "estimate": found_test.car,
        "range": Range(found_test.low, found_test.high),
        "normal": Range(*found_test.normal_range),
        "expected": found_test.expected,
        "given_alert": found_test.given_alert,
    }


def test_an_alert_is_shown_with_its_words_first_and_then_its_detail() -> None:
    assert write_alert_lines(alert()) == [
        *compose_text(alert()).lines,
        "Details:",
        "Attack on infrastructure, Abqaiq, Saudi Arabia · known Sat 14 Sep 00:45 UTC"
        ' · exposure 0.98 (9.7 mb/d) · "Drones stop half of the output" (source: example.org)',
        "Abnormal move +11.2 % (+6.85 USD/bbl), 95 % range +1.0 to +16.1 % given that it alerted, p < 0.002"
        " (alert level 0.01)",
        "At the alert level 0.01 the test finds a rise of 8.3 % four times in five",
        "As measured: +11.6 %, 95 % range +7.3 to +16.2 %. Moves that alert tend to be "
        "overestimated; the estimate corrects for that",
        "Data: Brent spot (series brent-spot) · settled Mon 16 Sep 2019 15:30 UTC"
        " · model garch-t · uncalibrated",
    ]


def test_of_other_models_only_the_textbook_test_is_told() -> None:
    beside = (Beside("adaptive-rank", 0.001), Beside("constant-mean", 0.41), Beside("garch-t", 0.47))
    detail = "\n".join(write_detail(alert(beside=beside)))
    assert "\nTextbook t-test: p = 0.41\n" in detail
    assert "rank" not in detail
    assert "0.47" not in detail
    assert "\nTextbook t-test: no answer\n" in "\n".join(
        write_detail(alert(beside=(Beside("constant-mean", None),)))
    )


@pytest.mark.parametrize("name", CASES)
def test_no_message_speaks_of_sigma_or_of_false_discovery_control(name: str) -> None:
    every = replace(CASES[name], calibration=CALIBRATION)
    said = "\n".join(write_alert_lines(every))
    assert [
        word for word in ("\N{GREEK SMALL LETTER SIGMA}", "ADDIS", "discover", "sigma") if word in said
    ] == []


@pytest.mark.parametrize("name", CASES)
def test_every_share_is_printed_with_its_leading_zero(name: str) -> None:
    said = "\n".join(write_alert_lines(replace(CASES[name], calibration=CALIBRATION)))
    assert re.findall(r"(?<![\d])\.\d", said) == []


def test_a_large_session_that_is_not_abnormal_is_explained_once_in_the_detail() -> None:
    session = found(0.03)
    beside = (Beside(model="constant-mean", p=0.0001),)
    shown = replace(tested_alert(p=session.p, given_alert=None), windows=(session,), beside=beside)
    explained = "Session: large, but the market was already moving about this much a day"
    assert write_detail(shown).count(explained) == 1
    assert explained not in write_detail(replace(shown, beside=()))


class TestTrackRecord:
    def line(self, sent: Alert, **told: Any) -> list[str]:
        return [each for each in write_detail(sent, **told) if each not in write_detail(sent)]

    def test_it_tells_the_sessions_at_this_level_what_chance_gives_and_the_answers(self) -> None:
        assert self.line(alert(), record=RECORD, feedback=FEEDBACK) == [
            "At this level: 61 sessions of 6,000 in 24 years (about 60 expected by chance); 4 followed "
            "an unrest event; your feedback: 14 useful of 17"
        ]
        one = replace(RECORD, abnormal=1, after_events=1)
        assert self.line(alert(), record=one) == [
            "At this level: 1 session of 6,000 in 24 years (about 60 expected by chance); 1 followed an "
            "unrest event"
        ]

    def test_a_record_of_another_level_or_series_is_left_out(self) -> None:
        assert self.line(tested_alert(level=0.006), record=RECORD) == []
        assert self.line(alert(series="brent-front"), record=RECORD, feedback=FEEDBACK) == [
            "Your feedback on alerts of this severity: 14 useful of 17"
        ]

    def test_a_heads_up_has_no_record_of_a_level(self) -> None:
        assert self.line(heads_up_alert(), record=RECORD, feedback=FEEDBACK) == [
            "Your feedback on heads-ups: 14 useful of 17"
        ]

    def test_without_answers_nothing_is_said_of_them(self) -> None:
        assert self.line(alert(), feedback=Feedback(useful=0, total=0)) == []

    def test_the_bundled_record_is_told(self) -> None:
        record = load_level_records()[BRENT_SPOT.series.name]
        later = record.last + timedelta(days=1)
        (told,) = self.line(replace(tested_alert(level=record.level), session=later), record=record)
        assert f" {record.sessions:,} " in told

    def test_a_record_that_was_not_known_before_the_session_is_left_out(self) -> None:
        assert self.line(alert(session=RECORD.last), record=RECORD) == []


def test_the_words_that_it_was_published_with_are_shown_as_they_are() -> None:
    published = AlertText(lock_screen="As published", card="One\nTwo")
    assert write_alert_lines(alert(), published) == [
        "As published",
        "One",
        "Two",
        "Details:",
        *write_detail(alert()),
    ]


@pytest.mark.parametrize("car", [0.08, 0.11, -0.09])
def test_estimate_range_size_and_p_fit_each_other_as_printed(car: float) -> None:
    test = replace(found(car), given_alert=None)
    printed = line("Abnormal move", told_as(test))
    estimate, low, high = (
        math.log1p(float(figure.replace(MINUS, "-")) / 100.0)
        for figure in re.search(r"move (\S+) %.* range (\S+) to (\S+) %", printed).groups()  # type: ignore[union-attr]  # a line that does not match shall fail here
    )
    assert estimate == pytest.approx((low + high) / 2.0, abs=0.001)
    assert f"{format_p_value(test.p)} (alert level 0.01)" in printed
    assert printed.index("range") < printed.index("p <" if test.p < 0.002 else "p =")


def test_the_estimate_of_an_alert_is_that_given_that_it_alerted_and_the_measured_one_stands_below() -> None:
    test = found(0.08)
    assert test.given_alert is not None
    printed, measured = (line(each, told_as(test)) for each in ("Abnormal move", "As measured"))

    given = format_percent_range(test.given_alert.low, test.given_alert.high)
    assert f"Abnormal move {format_percent(test.given_alert.estimate)} " in printed
    assert f", 95 % range {given} given that it alerted, " in printed
    assert (
        f": {format_percent(test.car)}, 95 % range {format_percent_range(test.low, test.high)}. " in measured
    )


def test_the_dollars_of_the_abnormal_move_are_its_percentage_of_the_close_before() -> None:
    printed = line("Abnormal move", {"given_alert": GivenAlert(math.log(1.1), 0.01, 0.2)})
    assert "Abnormal move +10.0 % (+6.13 USD/bbl), " in printed


def test_a_move_that_no_number_holds_is_infinite() -> None:
    told = line("Abnormal move", {"estimate": 1e18, "given_alert": None})
    assert told.startswith("Abnormal move +inf %, 95 % range ")


def test_complete_windows_stand_in_order_and_only_the_longest_course_after() -> None:
    windows = [each for each in write_alert_lines(alert(windows=FOLLOWED)) if "CAR[" in each]
    assert [each[: each.index("]") + 1] for each in windows] == [
        "CAR[0, 1]",
        "CAR[0, 5]",
        "After the first session (CAR[1, 5]",
    ]


def test_a_window_that_is_still_open_is_not_told() -> None:
    lines = write_alert_lines(alert(windows=(found(0.05, window=Window(0, 5), observed=3),)))
    assert not any("CAR[" in each for each in lines)


def test_an_alert_that_prices_take_back_is_no_abnormal_move_any_more() -> None:
    changes: dict[str, Any] = {"revision": 2, "cause": Cause.PRICE_REVISION}
    told = line("Abnormal return", {**NOT_ABNORMAL, "p": 0.012}, **changes)
    assert "p = 0.012 (now above the alert level 0.01)" in told
    taken_back = replace(tested_alert(**NOT_ABNORMAL), **changes)
    assert not any("Abnormal move" in each for each in write_alert_lines(taken_back))


def test_a_price_below_zero_has_no_percentage_of_it() -> None:
    move = replace(SETTLEMENT_TEST.move, close=-37.63, previous_close=-1.0, log_return=None)
    told = line("Abnormal return", {**NOT_ABNORMAL, "move": move}, revision=2, cause=Cause.PRICE_REVISION)
    assert told.startswith("Abnormal return +11.6 %, 95 % range")


def test_many_events_are_three_and_a_count() -> None:
    lines = write_detail(alert(events=(EVENT,) * 20, events_total=24))
    assert sum(each.startswith("Attack") for each in lines) == 3
    assert "and 21 more events" in lines
    assert "and 1 more event" in write_alert_lines(alert(events=(EVENT,) * 4, events_total=4))


def test_events_that_are_not_listed_are_counted_by_class_and_feed() -> None:
    unlisted = (
        Unlisted(feed="gdelt", event_class=EventClass.PROTEST, count=28),
        Unlisted(feed="", event_class=EventClass.RIOT, count=3),
        Unlisted(feed="\x1b[31mdesk", event_class=EventClass.OTHER, count=2),
    )
    lines = write_alert_lines(alert(events=(EVENT,) * 2, events_total=40, unlisted=(*unlisted, unlisted[-1])))

    told = "28 protest (gdelt), 3 riot (no feed named), 2 other event ([31mdesk), 5 other"
    assert f"and 38 more events, 38 of them not listed: {told}" in lines


def test_flags_are_words_told_once() -> None:
    flags = ("short_estimation", "uncalibrated", "price_revision", "no_log_return", "spans_missing_sessions")
    move = replace(SETTLEMENT_TEST.move, quality=("gap", "known_at_assumed"))
    told = line("Data:", {"move": move}, flags=(*flags, "of_a_new_kind")).split(" · ")
    assert told[3:] == [
        "uncalibrated",
        "short estimation: fitted on less history than the model needs",
        "price revised: tested again against the same forecast",
        "no log return: a price is zero or below",
        "prices of some sessions are missing: the return over all of them is tested",
        "of a new kind",
        "gap: days without a price before the session",
        "backtest assumption: price known at settlement",
    ]


def test_a_calibrated_model_says_how_often_it_is_wrong() -> None:
    told = line("Data:", calibration=CALIBRATION)
    assert told.endswith("false alarms at 0.01: 0.0103 (n = 6,004 sessions, 2002 to 2026)")


def test_a_calibration_on_one_of_several_vintages_says_on_which() -> None:
    told = line("Data:", calibration=replace(CALIBRATION, vintage="public copies\x1b, of May 2026"))
    assert told.endswith("sessions, 2002 to 2026; measured on public copies, of May 2026)")


def test_a_price_that_came_late_says_how_old_the_alert_is() -> None:
    told = line("Data:", known_at=datetime(2019, 9, 18, 14, 0, tzinfo=UTC))
    assert "settled Mon 16 Sep 2019 15:30 UTC, as of Wed 18 Sep 14:00 UTC (46.5 h later)" in told


def test_what_else_happened_and_whose_windows_overlap_is_told() -> None:
    meeting = Confounder(
        session=date(2019, 9, 16),
        kind=ConfounderKind.OPEC_PLUS,
        text="A committee\x1b meets.",
        source="https://www.mecei.org/opec",
    )
    lines = write_alert_lines(alert(confounders=(meeting,), overlaps=(date(2019, 9, 12), date(2019, 9, 17))))
    assert write_confounder_line(meeting) == "Also on Mon 16 Sep: OPEC+: A committee meets (mecei.org)"
    assert write_confounder_line(meeting) in lines
    assert "Windows overlap with the events of Thu 12 Sep, Tue 17 Sep" in lines


def test_it_never_speaks_of_causes_and_gives_no_advice() -> None:
    everything = alert(revision=2, cause=Cause.WINDOW, windows=FOLLOWED, calibration=CALIBRATION)
    text = "\n".join(write_alert_lines(everything)).lower()
    assert [word for word in ("caus", "because", "due to", "buy", "sell", "anomal") if word in text] == []


def test_every_percentage_of_a_move_has_its_sign() -> None:
    text = "\n".join(write_alert_lines(alert(windows=FOLLOWED)))
    unsigned = re.findall(rf"(?<![+{MINUS}.\d])\d[\d.]* %", text)
    assert {*unsigned} == {"95 %", "8.3 %"}


def test_foreign_text_breaks_no_line_and_holds_no_control_character() -> None:
    hostile = "\x1b[2J\nCRITICAL\r\u202e\u200b\x07"
    event = replace(EVENT, summary=hostile, place=hostile, country="\x1bXY", source=f"https://a{hostile}/")
    lines = write_alert_lines(alert(events=(event,), title=f"Brent{hostile}", series=hostile))
    assert len(lines) == len(write_alert_lines(alert()))
    assert all(each.isprintable() for each in lines)


def test_single_reports_are_counted_and_never_quoted() -> None:
    single = replace(EVENT, event_id="gdelt:1", summary="Comics of Abqaiq", standing=Standing.SINGLE)
    beside = write_alert_lines(alert(events=(EVENT, single), events_total=4, singles=3))
    alone = write_alert_lines(alert(events=(single,), events_total=3, singles=3))

    assert "and 3 single reports" in "\n".join(beside)
    assert any(line.endswith(", and 3 single reports") for line in beside)
    assert "no confirmed event" in alone[0]
    assert "No confirmed event is known, only 3 single reports." in alone
    assert "Comics" not in "\n".join([*beside, *alone])


class TestThread:
    """The details of a thread tell each test once, in the order of time."""

    def test_each_test_of_the_thread_is_told_in_its_order(self) -> None:
        told = list(write_detail(CASES["settled_calm"]))
        starts = (
            "Heads-up on news known",
            "Re-open Sun 22:05",
            "Re-open + 60 min",
            "Session: ",
            "As measured",
        )
        places = [next(i for i, each in enumerate(told) if each.startswith(start)) for start in starts]
        assert places == sorted(places)

    def test_a_session_that_is_not_abnormal_is_above_the_level_and_not_no_longer_below_it(self) -> None:
        (told,) = [each for each in write_detail(CASES["settled_calm"]) if each.startswith("Session: ")]
        assert told.startswith("Session: abnormal return +1.5 % (+0.90 USD/bbl), 95 % range ")
        assert told.endswith(", p = 0.43 (above the alert level 0.006)")

    def test_a_provisional_answer_is_marked(self) -> None:
        told = write_detail(CASES["provisional"])
        marked = "Provisional, from the last bar before the settlement; the settlement follows"
        assert marked in told
        assert marked not in write_detail(CASES["settled"])

    def test_the_session_itself_is_told_once(self) -> None:
        assert not any("CAR[0, 0]" in each for each in write_detail(final_alert()))

    def test_bars_and_settlement_each_have_their_line_of_data(self) -> None:
        data = [each for each in write_detail(CASES["settled"]) if each.startswith("Data: ")]
        assert [("5-minute bars" in each, "model adaptive-garch-t" in each) for each in data] == [
            (True, False),
            (False, True),
        ]
        (before,) = [each for each in write_detail(heads_up_alert()) if each.startswith("Data: ")]
        assert "settles Mon 16 Sep 2019 18:30 UTC" in before

    def test_nothing_warns_of_selection_where_nothing_was_selected(self) -> None:
        assert not any("selected" in each for each in write_detail(CASES["reopen_calm"]))
        assert any("selected" in each for each in write_detail(CASES["withdrawn_move"]))

    def test_a_heads_up_says_when_trade_re_opens_what_gap_is_found_and_what_heads_ups_came_to(self) -> None:
        assert list(write_detail(heads_up_alert()))[1:4] == [
            "Heads-up on news known Sat 14 Sep 2019 00:45 UTC. Trade in Brent front re-opens Sun 15 Sep "
            "22:00 UTC; the re-open test finds a gap of 7.0 % four times in five",
            "5 of 41 heads-ups since 2002 were followed by an abnormal session, against 1.2 % of all "
            "sessions",
            "Tests within the session and at the re-open: at most 1.0 false alarms a year",
        ]


def test_the_false_alarms_of_all_instruments_are_told_where_they_are_known() -> None:
    line = "All instruments together: at most 5.1 false alarms a year"

    assert line in write_detail(alert(), yearly_false_alarms=5.12)
    assert not [each for each in write_detail(alert()) if "together" in each]
