"""Tests of bars in words: what was tested when, what was not, and what was said of a gap before."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from tests.core.intraday_desk import own
from tests.message.studies import STUDY, moved, provisional_study, reopen_study, window_study
from tests.notify.alerts import (
    CALM_REOPEN_TEST,
    CASES,
    INTRADAY,
    REOPEN_TEST,
    UNTESTED_REOPEN,
    WITHIN_TEST,
    within_alert,
)

from brentwatch.core.domain import (
    AlertTest,
    Answered,
    BreakKind,
    NotYet,
    OwnCalibration,
    Refused,
    Stage,
    Study,
    Untested,
)
from brentwatch.message.alert_text import compose_text
from brentwatch.message.figures import MINUS
from brentwatch.message.intraday import describe_opening, write_study_lines
from brentwatch.message.words import write_alert_lines, write_detail

PENDING = NotYet(settles_at=datetime(2022, 1, 5, 14, 15, tzinfo=UTC))


def after_gap(answer: AlertTest | Untested | None = None, *, p: float = 0.41) -> list[str]:
    """All lines of a window that begins after a break, with what the thread says of the gap."""
    answered = replace(WITHIN_TEST.answered, gap=0.15) if WITHIN_TEST.answered else None
    window = replace(WITHIN_TEST, p=p, answered=answered, given_alert=None)
    tests = (answer,) if isinstance(answer, AlertTest) else ()
    untested = (answer,) if isinstance(answer, Untested) else ()
    severity = None if p > 0.001 and not any(each.is_abnormal for each in tests) else INTRADAY.severity
    return write_alert_lines(within_alert(tests=(*tests, window), untested=untested, severity=severity))


def test_it_says_what_was_known_when_and_what_is_not_tested() -> None:
    assert list(write_detail(INTRADAY)) == [
        "Attack on infrastructure, Abqaiq, Saudi Arabia · known Mon 16 Sep 13:42 UTC"
        ' · exposure 0.98 (9.7 mb/d) · "Drones stop half of the output" (source: example.org)',
        "News known Mon 16 Sep 13:42 UTC · window 13:45 to 14:00 UTC, the first whole bars after it"
        " · test 1 of at most 2 a session · data through 14:00 UTC",
        "Abnormal move +2.9 % (+1.78 USD/bbl), 95 % range +0.3 to +4.1 % given that it alerted, p < 0.0005"
        " (alert level 0.001) · 7.5 times the usual move at that hour",
        "At that hour and the alert level 0.001 the test finds a rise of 2.5 % four times in five",
        "Before the window: +0.3 % in 60 minutes, not tested",
        "As measured: +3.0 %, 95 % range +2.0 to +4.1 %. Moves that alert tend to be "
        "overestimated; the estimate corrects for that",
        "Data: Brent front (series brent-front), 5-minute bars"
        " · calibrated on simulated bars only"
        " · based on 160 sessions of bars"
        " · known 15 minutes after the window ended",
    ]


@pytest.mark.parametrize(
    ("size", "verdict", "told", "more"),
    [
        (0.0108, "calibrated", "0.011", ""),
        (0.0071, "found too cautious (it misses more moves than stated)", "0.007", ""),
        (0.0204, "found wrong too often", "0.020", "; at most 0.013 and 0.0015 are promised"),
    ],
)
def test_with_an_own_calibration_it_says_what_that_found(
    size: float, verdict: str, told: str, more: str
) -> None:
    lines = write_detail(within_alert(tests=(calibrated(own(size)),)))

    assert (
        f"5-minute bars · {verdict} on own bars of 2023-02-01 to 2024-04-26 (301 sessions): 15 minutes "
        f"{told} false at 0.01, 0.0012 at 0.001, 60 minutes 0.011 false at 0.01, 0.0011 at 0.001"
        f"{more} · based on 160 sessions"
    ) in lines[-1]
    assert not any("simulated" in line for line in lines)


def calibrated(record: OwnCalibration) -> AlertTest:
    assert WITHIN_TEST.answered is not None
    return replace(WITHIN_TEST, answered=replace(WITHIN_TEST.answered, own_calibration=record))


def test_the_longer_window_from_the_same_bar_is_one_line() -> None:
    lines = write_detail(CASES["hour"])
    assert [each for each in lines if each.startswith("60 minutes: ")] == [
        "60 minutes: abnormal return +2.6 % (+1.61 USD/bbl), 95 % range +0.8 to +4.5 %, p = 0.0042 "
        "(above the alert level 0.001) · 3.7 times the usual move at that hour"
    ]
    assert sum(each.startswith("News known") for each in lines) == 1


def test_an_event_is_marked_by_what_holds_within_a_session() -> None:
    (event,) = INTRADAY.events
    marked = replace(INTRADAY, events=(replace(event, by_day=True, late=True),))
    assert (
        " · exposure 0.98 (9.7 mb/d) · time of day unknown"
        ' · late: arrived after the window was tested · "Drones'
    ) in write_detail(marked)[0]


class TestReopen:
    def test_it_says_from_when_to_when_what_is_usual_and_how_often_chance_brings_as_much(self) -> None:
        lines = write_detail(CASES["reopen"])
        assert (
            "Re-open Sun 22:05 UTC: +7.1 %, +4.28 USD/bbl (60.25 to 64.53) from the last trade "
            "(Fri 20:40 UTC). The usual weekend gap is 0.6 % now; one this large comes by chance about "
            "once in 1,100 (p = 0.0009)"
        ) in lines
        assert "At the alert level 0.001 the test finds a gap of 7.0 % four times in five" in lines

    def test_no_p_below_the_smallest_one_is_told(self) -> None:
        rare = replace(CASES["reopen"], tests=(replace(REOPEN_TEST, p=0.00001),))
        told = "\n".join(write_alert_lines(rare))
        assert "one this large comes by chance less than once in 2,000 (p < 0.0005" in told
        assert "0.00001" not in told

    def test_a_gap_that_is_not_abnormal_is_within_what_such_breaks_do(self) -> None:
        told = "\n".join(write_alert_lines(CASES["reopen_calm"]))
        assert f"re-open {MINUS}0.4 %, usual for a weekend (p = 0.37)" in told
        near = replace(CASES["reopen_calm"], tests=(replace(CALM_REOPEN_TEST, p=0.002),))
        assert "usual for" not in "\n".join(write_alert_lines(near))
        assert f"re-open {MINUS}0.4 %, not abnormal (p = 0.0020)" in "\n".join(write_alert_lines(near))

    def test_a_gap_that_was_not_tested_is_told_with_the_reason(self) -> None:
        told = write_alert_lines(CASES["reopen_untested"])
        assert (
            "Re-open Sun 22:05 UTC: +17.4 % over the break, not tested: the contract changed. No price test "
            "yet." in told
        )
        assert told[0] == "UPDATE 2 · HEADS-UP Brent +17.4 %, not tested · Abqaiq attack · session 16 Sep"

    def test_a_week_end_gap_is_warned_of_until_the_session_has_settled(self) -> None:
        gave_back = "A third of such weekend gaps gave back more than half by the settlement"
        assert gave_back in "\n".join(write_alert_lines(CASES["reopen"]))
        assert gave_back in compose_text(CASES["reopen"]).card
        assert gave_back not in "\n".join(write_alert_lines(CASES["settled"]))
        night = replace(REOPEN_TEST, break_kind=BreakKind.NIGHT)
        assert gave_back not in "\n".join(write_alert_lines(replace(CASES["reopen"], tests=(night,))))

    @pytest.mark.parametrize(
        ("kind", "usual", "wrong"),
        [
            (BreakKind.NIGHT, "The usual night gap", "14 alarms in 19,242 nights (19 expected by chance)"),
            (BreakKind.WEEKEND, "The usual weekend gap", "about one alarm in 190 weekends of crude"),
            (BreakKind.LONG, "The usual long break gap", "after long breaks has not been measured"),
        ],
    )
    def test_each_kind_of_break_says_how_often_its_test_is_wrong(
        self, kind: BreakKind, usual: str, wrong: str
    ) -> None:
        told = "\n".join(
            write_detail(replace(CASES["reopen"], tests=(replace(REOPEN_TEST, break_kind=kind),)))
        )
        assert f"{usual} is 0.6 % now" in told
        assert wrong in told

    def test_the_first_hour_is_named_with_it(self) -> None:
        assert CASES["first_hour"].find_test(Stage.REOPEN) == REOPEN_TEST
        told = write_detail(CASES["first_hour"])
        assert any(each.startswith("Re-open + 60 min Sun 23:00 UTC: +7.4 %, ") for each in told)


class TestAWindowAfterABreak:
    """It never stands alone with "not abnormal": beside it is the gap, and what was said of that."""

    @pytest.mark.parametrize(
        ("answer", "said"),
        [
            (REOPEN_TEST, "abnormal (p = 0.0009)"),
            (CALM_REOPEN_TEST, "usual for a weekend (p = 0.37)"),
            (replace(CALM_REOPEN_TEST, p=0.01), "not abnormal (p = 0.010)"),
            (UNTESTED_REOPEN, "not tested: the contract changed"),
            (None, "which the settlement tests"),
        ],
    )
    @pytest.mark.parametrize("p", [0.41, 0.0007])
    def test_it_names_the_gap_and_what_was_said_of_it(
        self, answer: AlertTest | Untested | None, said: str, p: float
    ) -> None:
        lines = after_gap(answer, p=p)
        assert f"The window came after a gap of +16.2 %, {said}" in lines
        if answer != REOPEN_TEST or p < 0.001:
            assert f"After a gap of +16.2 %, {said}." in lines[4]
            assert "(gap +16.2 %)" in lines[0]

    def test_its_study_tells_the_gap_in_the_same_line(self) -> None:
        (line,) = write_study_lines(window_study(gap=0.15))
        assert "no abnormal move detected" in line
        assert line.endswith("; over the break before it +16.2 %, which this window does not test")
        (refused,) = write_study_lines(window_study(gap=0.15, result=Refused("no bars")))
        assert refused.endswith(
            "no answer: no bars; over the break before it +16.2 %, which this window does not test"
        )


class TestStudies:
    def lines(self, study: Study) -> list[str]:
        return list(write_study_lines(study))

    def test_a_window_says_what_it_found(self) -> None:
        (line,) = self.lines(window_study())
        assert line.startswith(
            "15 minutes from Wed 5 Jan 14:00 UTC: no abnormal move detected; abnormal return "
        )

    def test_a_re_open_says_what_it_found(self) -> None:
        assert self.lines(reopen_study()) == [
            "re-open Tue 4 Jan 23:05 UTC: abnormal move up: +4.2 %, 95 % range +3.3 to +5.1 %, p = 0.0008"
        ]
        assert self.lines(reopen_study(result=moved(-0.002, 0.37))) == [
            f"re-open Tue 4 Jan 23:05 UTC: {MINUS}0.2 %, usual for a night (p = 0.37)"
        ]
        assert self.lines(reopen_study(result=moved(-0.012, 0.002))) == [
            f"re-open Tue 4 Jan 23:05 UTC: {MINUS}1.2 %, not abnormal (p = 0.0020)"
        ]

    def test_a_refused_re_open_tells_the_gap_all_the_same(self) -> None:
        refused = Refused("the contract changed\nfrom a to b")
        assert self.lines(reopen_study(result=refused)) == [
            "re-open Tue 4 Jan 23:05 UTC: +1.2 % over the break, not tested: the contract changed from a to b"
        ]
        assert self.lines(reopen_study(result=refused, move=None)) == [
            "re-open Tue 4 Jan 23:05 UTC: no answer: the contract changed from a to b"
        ]

    def test_a_provisional_answer_is_marked(self) -> None:
        (line,) = self.lines(provisional_study())
        assert line.startswith(
            "provisional session, from the last bar before the settlement: +9.4 %, 95 % range "
        )
        assert line.endswith("; the settlement follows")
        (refused,) = self.lines(provisional_study(result=Refused("no trade")))
        assert refused == "provisional session: no answer: no trade; the settlement follows"

    def test_what_is_pending_and_a_session_say_nothing_here(self) -> None:
        assert self.lines(window_study(result=PENDING)) == []
        assert self.lines(reopen_study(result=PENDING)) == []
        assert self.lines(provisional_study(result=PENDING)) == []
        assert self.lines(STUDY) == []

    def test_without_a_test_it_is_no_finding(self) -> None:
        study = window_study()
        (line,) = self.lines(replace(study, within=replace(study.within, test=None)))
        assert line.startswith("15 minutes from Wed 5 Jan 14:00 UTC: no test: +0.2 %, 95 % range ")

    def test_an_opening_says_which_test_and_from_when(self) -> None:
        window, reopen = window_study(result=PENDING), reopen_study(result=PENDING)
        assert describe_opening(window) == (
            "opens test 1 of at most 2 within the session, from Wed 5 Jan 14:00 UTC"
        )
        assert describe_opening(replace(reopen, revision=2)) == (
            "joins test 1 of at most 2 within the session, at the re-open of Tue 4 Jan 23:00 UTC"
        )
        none = replace(reopen, reopen=replace(reopen.reopen, test=None))
        assert describe_opening(none).startswith("opens no test; a study at the re-open of ")


def test_an_answer_that_nobody_timed_is_told_without_its_delay() -> None:
    timed = Answered(data_through=WITHIN_TEST.window.ends_at, answered_at=WITHIN_TEST.window.ends_at)
    told = write_detail(within_alert(tests=(replace(WITHIN_TEST, answered=timed),)))
    assert told[-1].endswith("known 0 minutes after the window ended")
    untimed = write_detail(within_alert(tests=(replace(WITHIN_TEST, answered=None),)))
    assert untimed[-1].endswith("based on 160 sessions of bars")
