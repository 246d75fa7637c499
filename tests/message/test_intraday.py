"""An alert within the session in words: what was tested when, what was not, and what comes next."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from tests.core.intraday_desk import new_york, own
from tests.core.monitor.test_intraday import attacked

from brentwatch.message.words import write_detail

if TYPE_CHECKING:
    from brentwatch.core.domain import Alert


def alerts() -> list[Alert]:
    desk = attacked()
    desk.trade(new_york(10, 45))
    return desk.within()


def test_it_says_what_was_known_when_and_what_is_not_tested() -> None:
    assert list(write_detail(alerts()[0])) == [
        "Attack on infrastructure, Saudi Arabia · known Wed 15 May 13:42 UTC"
        " · exposure 0.96 (9.7 mb/d) · no headline (unverified)",
        "News known Wed 15 May 13:42 UTC · window 13:45 to 14:00 UTC, the first whole bars after it"
        " · test 1 of at most 2 a session · data through 14:00 UTC",
        "Abnormal move +5.0 % (+4.21 USD/bbl), 95 % range +4.5 to +5.5 %, p < 0.0005 (alert level 0.001)"
        " · 30.2 times the usual move at that hour",
        "At that hour and the alert level 0.001 the test finds a move of 1.5 % four times in five",
        "Before the window: +0.3 % in 60 minutes, not tested",
        "Also on Wed 15 May: weekly report: The weekly petroleum report of the United States comes out, "
        "10:30 New York or later (eia.gov)",
        "Caution: moves that were selected for a small p read too large",
        "Data: Brent front month (series brent-front-5m), bars of 5 minutes"
        " · calibrated on simulated bars only"
        " · 60 sessions of bars behind it: starts at 40, flagged below 120"
        " · known 15 minutes after the window ended",
    ]


@pytest.mark.parametrize(
    ("size", "verdict", "told", "more"),
    [
        (0.0108, "calibrated", "0.011", ""),
        (0.0071, "found wrong less often than it says, and so blinder,", "0.007", ""),
        (0.0204, "found wrong too often", "0.020", ", at most 0.013 and 0.0015 were promised"),
    ],
)
def test_with_an_own_calibration_it_says_what_that_found(
    size: float, verdict: str, told: str, more: str
) -> None:
    alert = alerts()[0]
    assert alert.within is not None
    assert alert.within.answered is not None
    answered = replace(alert.within.answered, own_calibration=own(size))
    lines = write_detail(replace(alert, within=replace(alert.within, answered=answered)))

    assert (
        f"bars of 5 minutes · {verdict} on own bars of 2023-02-01 to 2024-04-26 (301 sessions): 15 minutes "
        f"{told} false at 0.01, 0.0012 at 0.001, 60 minutes 0.011 false at 0.01, 0.0011 at 0.001"
        f"{more} · 60 sessions"
    ) in lines[-1]
    assert not any("simulated" in line for line in lines)


def test_a_revision_tells_the_sixty_minutes() -> None:
    lines = write_detail(alerts()[1])
    assert [each for each in lines if each.startswith("60 minutes: +4.9 %, 95 % range ")]


def test_an_event_is_marked_by_what_holds_within_a_session() -> None:
    first = alerts()[0]
    (event,) = first.events
    marked = replace(first, events=(replace(event, by_day=True, late=True),))
    assert (
        " · exposure 0.96 (9.7 mb/d) · time of day unknown"
        " · late: it arrived after the window was tested · no headline"
    ) in write_detail(marked)[0]
