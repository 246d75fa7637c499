"""Sessions are decided when the series is complete, once, against the forecast that was made before them."""

from __future__ import annotations

import math
from dataclasses import astuple, replace
from itertools import pairwise

import numpy as np
import pytest
from tests.core.desk import (
    FIRST,
    Desk,
    at,
    bar,
    event,
    facts,
    found,
    outcomes,
    quiet_closes,
    session,
    studies,
    update,
    warmed,
)

from brentwatch.core.domain import (
    HEADLINE,
    NO_LOG_RETURN,
    PRICE_REVISION,
    UNCALIBRATED,
    BarOutcome,
    Canary,
    CanarySeen,
    NotYet,
    Refused,
    SessionDecided,
    Study,
    Window,
    is_same_news,
)
from brentwatch.core.forecasts.diagnostics import diagnose
from brentwatch.core.forecasts.garch_t import SHORT_ESTIMATION
from brentwatch.core.forecasts.volatility import Garch

ATTACK = event("desk:attack", at(FIRST))
SHOCK = 0.08


def test_a_settled_session_is_tested_with_or_without_events() -> None:
    desk = Desk()
    (study,) = studies(desk.settle(0, 0.01))

    assert study.events_total == 0
    assert found(study).total == pytest.approx(0.01)
    assert study.flags == (SHORT_ESTIMATION, UNCALIBRATED)
    assert study.move is not None
    assert study.move.previous_close == pytest.approx(80.0)


def test_the_fact_of_a_decision_carries_p() -> None:
    desk = Desk()
    (decision,) = [fact for fact in facts(desk.settle(0)) if isinstance(fact, SessionDecided)]

    assert decision.p == found(desk.headline(FIRST)).p


def test_a_bar_waits_until_the_series_is_complete_through_its_close() -> None:
    desk = Desk()
    early = update(bar(FIRST, 81.0), complete_through=at(FIRST, 0))
    assert studies(desk.tell(early)) == []
    (study,) = studies(desk.tell(update(complete_through=at(FIRST, 20), known_at=at(FIRST, 20))))

    assert found(study).total == pytest.approx(math.log(81 / 80))


def test_bars_that_came_in_disorder_are_decided_in_order() -> None:
    later, earlier = bar(session(1), 80.5), bar(FIRST, 80.2)
    in_order, in_disorder = Desk(), Desk()
    in_order.tell(update(earlier), update(later))
    in_disorder.tell(
        update(later, complete_through=at(FIRST, 0)), update(earlier, complete_through=later.closes_at)
    )

    assert [replace(study, known_at=at(FIRST)) for study in studies(in_disorder.effects)] == [
        replace(study, known_at=at(FIRST)) for study in studies(in_order.effects)
    ]


def test_a_repeated_bar_is_no_news() -> None:
    desk = Desk()
    desk.settle(0)
    told = desk.tell(update(bar(FIRST, desk.close)))

    assert outcomes(told) == [BarOutcome.REPEATED]
    assert studies(told) == []


def test_two_price_services_are_harmless() -> None:
    one, two = Desk(), Desk()
    for number in range(3):
        one.settle(number)
        two.settle(number)
        two.tell(update(bar(session(number), two.close)))

    assert studies(two.effects) == studies(one.effects)


def test_other_series_and_other_intervals_are_noted_and_left_alone() -> None:
    desk = Desk()
    told = desk.tell(
        update(bar(FIRST, 70.0), series="wti-spot"),
        update(bar(FIRST, 70.0, interval="5m"), complete_through=at(FIRST, 0)),
    )

    assert outcomes(told) == [BarOutcome.OTHER_SERIES, BarOutcome.OTHER_INTERVAL]
    assert desk.state.waiting == warmed().waiting


def test_a_bar_of_a_session_that_was_given_up_is_noted_and_dropped() -> None:
    desk = Desk()
    desk.tell(update(bar(session(1), 80.0)))
    told = desk.tell(update(bar(FIRST, 79.0)))

    assert outcomes(told) == [BarOutcome.OUT_OF_ORDER]
    assert desk.state.prices.find(FIRST) is None


def test_missing_sessions_are_noted_once() -> None:
    desk = Desk()
    desk.settle(0)
    told = desk.tell(update(complete_through=at(session(1), 20), known_at=at(session(1), 20)))
    again = desk.tell(update(bar(session(2), 80.0)))

    assert outcomes(told) == ["missing"]
    assert "missing" not in outcomes(again)


def test_warm_up_feeds_the_estimation_and_publishes_nothing() -> None:
    desk = Desk()
    told = desk.tell(update(bar(FIRST, 81.0), warmup=True))

    assert outcomes(told) == [BarOutcome.WARMUP]
    assert studies(told) == []
    assert desk.state.prices.find(FIRST) is not None


def test_a_price_that_comes_once_more_as_warm_up_is_still_tested() -> None:
    """The rule of warm-up, shared with 5-minute bars: it holds for what an update is the first to tell."""
    desk = Desk()
    desk.tell(ATTACK, update(bar(FIRST, 81.0), complete_through=at(FIRST, 3), known_at=at(FIRST, 18)))
    desk.tell(update(bar(FIRST, 82.0), warmup=True, complete_through=at(FIRST, 3), known_at=at(FIRST, 18)))
    desk.tell(update(bar(FIRST, 82.0), warmup=True))

    assert found(desk.headline(FIRST)).total == pytest.approx(math.log(82.0 / 80.0))


def test_an_event_that_waited_for_a_warm_up_session_gets_a_reason_without_a_test() -> None:
    desk = Desk()
    desk.tell(ATTACK)
    desk.tell(update(bar(FIRST, 81.0), warmup=True))

    assert isinstance(desk.headline(FIRST).result, Refused)
    assert desk.state.expected.get(FIRST) is None


def test_with_too_little_history_there_is_no_answer_and_a_reason() -> None:
    desk = Desk(warmed(120))
    desk.tell(ATTACK)
    desk.settle(0)
    result = desk.headline(FIRST).result

    assert isinstance(result, Refused)
    assert result.reason.startswith("117 returns before the month began; expected 500")
    assert outcomes(desk.effects)[-1] == "refused"


def test_windows_grow_with_each_settlement_until_they_are_complete() -> None:
    desk = Desk()
    desk.tell(ATTACK)
    for number in range(8):
        desk.settle(number, 0.01 if number == 0 else 0.002)
    longest = desk.revisions(FIRST, Window(0, 5))

    assert [found(study).observed for study in longest] == [1, 2, 3, 4, 5, 6]
    assert found(longest[-1]).complete
    assert found(longest[-1]).total == pytest.approx(0.01 + 5 * 0.002)
    assert [found(study).observed for study in desk.revisions(FIRST, Window(0, 1))] == [1, 2]
    assert len(desk.revisions(FIRST)) == 2  # pending, then found


def test_what_came_after_has_a_test_of_its_own_from_the_forecast_made_at_tau_0() -> None:
    desk = Desk()
    desk.tell(ATTACK)
    for number in range(6):
        desk.settle(number, SHOCK if number == 0 else -0.01)
    after = desk.study(FIRST, Window(0, 5)).after

    assert after is not None
    assert (after.window, after.observed, after.complete) == (Window(1, 5), 5, True)
    assert after.total == pytest.approx(-0.05)
    (first_after,) = [each.after for each in desk.revisions(FIRST, Window(0, 5)) if found(each).observed == 2]
    assert first_after is not None
    assert first_after.standard_error == found(desk.headline(session(1))).standard_error


def test_each_study_tells_the_diagnostics_of_the_estimation_it_rests_on() -> None:
    desk = Desk()
    desk.tell(ATTACK)
    desk.settle(0)
    values = np.diff(np.log(quiet_closes(520)))[-125:-5]
    fit = desk.state.fits["garch-t"].fit

    told, expected = (
        desk.study(FIRST, HEADLINE, "constant-mean").diagnostics,
        diagnose(values - values.mean()),
    )
    assert told is not None
    assert astuple(told) == pytest.approx(astuple(expected))
    assert isinstance(fit, Garch)
    assert desk.headline(FIRST).diagnostics == fit.diagnostics
    assert fit.diagnostics.n == 517  # before the month began
    assert desk.revisions(FIRST)[0].diagnostics is None  # while it is pending


def test_parameters_change_with_the_month_and_not_with_what_was_asked() -> None:
    busy, idle = Desk(), Desk()
    busy.tell(ATTACK)
    for number in range(30):
        busy.settle(number, 0.004)
        idle.settle(number, 0.004)

    assert [found(busy.headline(session(number))) for number in range(30)] == [
        found(idle.headline(session(number))) for number in range(30)
    ]


def test_a_revised_price_tests_its_sessions_again_against_the_forecast_that_was_made() -> None:
    desk = Desk()
    desk.settle(0)
    before = found(desk.headline(FIRST))
    told = desk.tell(update(bar(FIRST, 82.0), known_at=at(session(1))))
    after = desk.headline(FIRST)

    assert outcomes(told) == [BarOutcome.REVISED]
    assert PRICE_REVISION in after.flags
    assert found(after).total == pytest.approx(math.log(82 / 80))
    assert found(after).standard_error == before.standard_error
    assert after.known_at == at(session(1))


def test_a_revised_price_also_tests_the_session_after_it() -> None:
    desk = Desk()
    desk.settle(0)
    desk.settle(1)
    desk.tell(update(bar(FIRST, 82.0), known_at=at(session(2))))

    assert found(desk.headline(session(1))).total == pytest.approx(math.log(desk.close / 82.0))
    assert PRICE_REVISION in desk.headline(session(1)).flags


def test_a_revised_price_enters_only_forecasts_of_sessions_decided_later() -> None:
    plain, revised = Desk(), Desk()
    for number in range(3):
        plain.settle(number)
        revised.settle(number)
    revised.tell(update(bar(FIRST, 86.0), known_at=at(session(2), 20)))
    plain.settle(3)
    revised.settle(3)

    assert found(revised.headline(session(2))) == found(plain.headline(session(2)))
    assert (
        found(revised.headline(session(3))).standard_error > found(plain.headline(session(3))).standard_error
    )


def test_a_price_of_warm_up_that_is_revised_tests_nothing_again() -> None:
    desk = Desk()
    told = desk.tell(update(bar(session(-3), 70.0), complete_through=at(FIRST, 0), known_at=at(FIRST, 0)))

    assert outcomes(told) == [BarOutcome.REVISED_CLOSED]
    assert studies(told) == []
    assert desk.state.prices.bars[-3].close == 70.0


@pytest.mark.parametrize("close", [0.0, -36.98])
def test_a_price_without_a_logarithm_refuses_its_span_and_no_more(close: float) -> None:
    desk = Desk()
    desk.tell(update(bar(FIRST, close)), update(bar(session(1), 80.0)), update(bar(session(2), 80.4)))
    refused = [desk.headline(session(number)).result for number in range(2)]
    reasons = [result.reason for result in refused if isinstance(result, Refused)]

    assert [reason.startswith(f"the price fell to {close} USD/bbl") for reason in reasons] == [True, True]
    assert found(desk.headline(session(2))).total == pytest.approx(math.log(80.4 / 80))
    assert NO_LOG_RETURN in desk.headline(session(2)).flags
    assert NO_LOG_RETURN not in desk.headline(FIRST).flags


def test_a_pending_study_becomes_the_found_one_under_the_same_id() -> None:
    desk = Desk()
    desk.tell(ATTACK)
    desk.settle(0)
    pending, tested = desk.revisions(FIRST)

    assert isinstance(pending.result, NotYet)
    assert (tested.study_id, tested.revision) == (pending.study_id, 2)


def test_a_canary_comes_through_and_changes_nothing() -> None:
    desk = Desk()
    told = desk.tell(Canary(canary_id="c", known_at=at(FIRST)))

    assert facts(told) == [CanarySeen(canary_id="c", known_at=at(FIRST))]
    assert desk.state == warmed()


def test_studies_of_one_id_count_their_revisions_from_one_and_are_never_said_twice() -> None:
    desk = Desk()
    desk.tell(ATTACK, event("desk:day", at(FIRST, 10)))
    for number in range(7):
        desk.settle(number, 0.003)
    by_id: dict[str, list[Study]] = {}
    for study in studies(desk.effects):
        by_id.setdefault(study.study_id, []).append(study)

    for revisions in by_id.values():
        assert [study.revision for study in revisions] == list(range(1, len(revisions) + 1))
        for earlier, later in pairwise(revisions):
            assert not is_same_news(later, earlier)
            assert later.known_at >= earlier.known_at
