"""An alert within the session in words: what was tested when, what was not, and what comes next."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from tests.core.intraday_desk import new_york, own
from tests.core.monitor.test_intraday import attacked

from brentwatch.message.words import write_detail_lines

if TYPE_CHECKING:
    from brentwatch.core.domain import Alert


def alerts() -> list[Alert]:
    desk = attacked()
    desk.trade(new_york(10, 45))
    return desk.within()


def test_it_says_what_was_known_when_and_what_is_not_tested() -> None:
    assert write_detail_lines(alerts()[0]) == [
        "Attack on infrastructure, Saudi Arabia · known Wed 15 May 13:42 UTC"
        " · exposure .96 (9.7 mb/d) · no headline (unverified)",
        "News known Wed 15 May 13:42 UTC · window 13:45 UTC to 14:00 UTC, the first whole bars after it"
        " · test 1 of at most 2 a session · data through 14:00 UTC",
        "Move +5.0 %, 95 % range +4.5 to +5.5 %, p < .0005 (alert level .001)"
        " · 83.88 to 88.09 USD/bbl · 30.2 times the usual move at that hour",
        "Minimum detectable effect at that hour 1.5 % at the alert level .001, with 80 % power",
        "Before the window: +0.3 % in 60 minutes, not tested",
        "Also on Wed 15 May: weekly report: The weekly petroleum report of the United States comes out, "
        "10:30 New York or later (eia.gov)",
        "Caution: a move selected for its p reads too large",
        "Data: Brent front month (series brent-front-5m), bars of 5 minutes"
        " · calibrated on simulated bars only"
        " · 60 sessions of bars behind it: starts at 40, flagged below 120"
        " · known 15 minutes after the window ended",
    ]


@pytest.mark.parametrize(
    ("size", "verdict", "told", "more"),
    [
        (0.0108, "calibrated", ".011", ""),
        (0.0071, "found wrong less often than it says, and so blinder,", ".007", ""),
        (0.0204, "found wrong too often", ".020", ", at most .013 and .0015 were promised"),
    ],
)
def test_with_an_own_calibration_it_says_what_that_found(
    size: float, verdict: str, told: str, more: str
) -> None:
    alert = alerts()[0]
    assert alert.within is not None
    assert alert.within.answered is not None
    answered = replace(alert.within.answered, own_calibration=own(size))
    lines = write_detail_lines(replace(alert, within=replace(alert.within, answered=answered)))

    assert (
        f"bars of 5 minutes · {verdict} on own bars of 2023-02-01 to 2024-04-26 (301 sessions): 15 minutes "
        f"{told} false at .01, .0012 at .001, 60 minutes .011 false at .01, .0011 at .001{more} · 60 sessions"
    ) in lines[-1]
    assert not any("simulated" in line for line in lines)


def test_a_revision_tells_the_sixty_minutes() -> None:
    lines = write_detail_lines(alerts()[1])
    assert [each for each in lines if each.startswith("60 minutes: +4.9 %, 95 % range ")]


def test_an_event_is_marked_by_what_holds_within_a_session() -> None:
    first = alerts()[0]
    (event,) = first.events
    marked = replace(first, events=(replace(event, by_day=True, late=True),))
    assert (
        " · exposure .96 (9.7 mb/d) · of what happened the day alone is known"
        " · late, admitted after the window was answered · no headline"
    ) in write_detail_lines(marked)[0]
