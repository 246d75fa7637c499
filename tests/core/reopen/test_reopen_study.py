"""The test of a re-open: what it says of a gap, and what is learned from it."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some
from scipy import stats
from tests.core.reopen.prices import NIGHT, WEEKEND, build_prices

from brentwatch.core.domain import BreakKind, NotYet, Refused
from brentwatch.core.forecasts.forecast import Path, StudentT
from brentwatch.core.reopen import (
    GapPrices,
    RefusalCause,
    ReopenFound,
    ReopenRefused,
    ReopenWindow,
    TradingBreak,
    UsualGaps,
    find_session_sigma,
    learn_daily_open,
    learn_reopen,
    study_reopen,
)

GAP, HOUR = ReopenWindow
SIGMA = 0.02
REFUSED = ReopenRefused(cause=RefusalCause.ROLL_DAYS, reason="roll days", prices=(100.0, 104.0))
GAPS = some.floats(-0.3, 0.4)
M3, M35 = (float(stats.t(nu).expect(abs)) for nu in (3.0, 3.5))


def found(
    prices: GapPrices, window: ReopenWindow = GAP, sigma: float = SIGMA, usual: UsualGaps | None = None
) -> ReopenFound:
    result = study_reopen(prices, window, sigma, usual or UsualGaps())
    assert isinstance(result, ReopenFound), result
    return result


@pytest.mark.parametrize(("closed", "usual", "nu", "m"), [(NIGHT, 0.2, 3.5, M35), (WEEKEND, 0.28, 3, M3)])
def test_p_of_both_windows_is_that_of_the_t_distribution(
    closed: TradingBreak, usual: float, nu: float, m: float
) -> None:
    prices = build_prices(0.03, 0.05, closed)
    both = usual * SIGMA, math.hypot(usual * SIGMA, 0.1 * SIGMA)

    for window, move, size in zip(ReopenWindow, (math.log(1.03), math.log(1.05)), both, strict=True):
        one = found(prices, window)
        assert one.move == pytest.approx(move)
        assert one.usual == pytest.approx(size)
        assert one.z == pytest.approx(move / size)
        assert one.p == pytest.approx(2.0 * stats.t.sf(m * move / size, nu), rel=1e-6)
        reach = size * stats.t.isf(0.025, nu) / m
        assert (one.low, one.high) == pytest.approx((move - reach, move + reach))
        assert one.normal_range == pytest.approx((-reach, reach))


@pytest.mark.parametrize("window", list(ReopenWindow))
@given(gap=GAPS, factor=some.floats(0.01, 100.0))
def test_the_unit_of_the_price_changes_nothing(window: ReopenWindow, gap: float, factor: float) -> None:
    one, other = (
        found(build_prices(gap, gap / 2, before=before), window) for before in (100.0, 100.0 * factor)
    )

    assert other.p == pytest.approx(one.p, rel=1e-6)
    assert other.move == pytest.approx(one.move, abs=1e-12)


@given(gap=some.floats(0.001, 0.4))
def test_a_fall_is_tested_as_a_rise_of_the_same_log_return(gap: float) -> None:
    rise, fall = found(build_prices(gap)), found(build_prices(1.0 / (1.0 + gap) - 1.0))

    assert fall.p == pytest.approx(rise.p, rel=1e-6)
    assert (fall.low, fall.high) == pytest.approx((-rise.high, -rise.low))


@given(gap=some.floats(0.001, 0.2), factor=some.floats(0.1, 10.0))
def test_p_depends_on_the_gap_beside_sigma_alone(gap: float, factor: float) -> None:
    moved = build_prices(math.expm1(factor * math.log1p(gap)))

    assert found(moved, sigma=factor * SIGMA).p == pytest.approx(found(build_prices(gap)).p, rel=1e-6)


@pytest.mark.parametrize("window", list(ReopenWindow))
@pytest.mark.parametrize("closed", [NIGHT, WEEKEND])
@pytest.mark.parametrize("beyond", [1.0, 1.2, 2.0, 8.0])
def test_an_alert_says_what_its_move_tells_of_the_effect(
    window: ReopenWindow, closed: TradingBreak, beyond: float
) -> None:
    critical = beyond * found(build_prices(closed=closed), window).critical + 1e-9
    loud, quiet = (found(build_prices(math.expm1(each), closed=closed), window) for each in (critical, 0.03))

    assert loud.alerts
    assert loud.given_alert is not None
    assert loud.given_alert.low < loud.given_alert.estimate < loud.move
    assert loud.given_alert.estimate < loud.given_alert.high
    assert not quiet.alerts
    assert quiet.given_alert is None


def test_the_critical_move_is_at_the_alert_level() -> None:
    one = found(build_prices(math.expm1(found(build_prices()).critical)))

    assert one.p == pytest.approx(0.001, rel=1e-6)


def test_the_detectable_gap_is_known_before_the_break_and_found_four_times_in_five() -> None:
    usual = UsualGaps().learn(BreakKind.WEEKEND, 0.9)
    detectable = usual.estimate_detectable(BreakKind.WEEKEND, SIGMA)
    noise = usual.estimate_gap(BreakKind.WEEKEND, SIGMA) * stats.t(3).ppf(np.arange(0.0005, 1, 0.001)) / M3
    hits = [found(build_prices(math.expm1(detectable + each)), usual=usual).alerts for each in noise.tolist()]

    assert found(build_prices(), usual=usual).mde_alert == pytest.approx(detectable)
    assert np.mean(hits) == pytest.approx(0.8, abs=0.002)


def test_history_below_twenty_of_the_kind_is_flagged() -> None:
    usual = UsualGaps()
    for _ in range(20):
        usual = learn_reopen(usual, build_prices(0.005), SIGMA)

    assert found(build_prices()).flags == ("short_history",)
    assert (found(build_prices(), usual=usual).flags, found(build_prices(), usual=usual).sessions) == ((), 20)
    assert found(build_prices(closed=NIGHT), usual=usual).flags == ("short_history",)


def test_other_instruments_wait_for_twenty_nights_and_eight_week_ends_and_learn_meanwhile() -> None:
    usual = UsualGaps()
    for closed, count in ((NIGHT, 20), (WEEKEND, 8)):
        for _ in range(count):
            result = study_reopen(build_prices(0.05), GAP, SIGMA, usual, crude=False)
            assert isinstance(result, ReopenRefused)
            assert result.cause is RefusalCause.WARMING_UP
            assert result.gap == pytest.approx(math.log(1.05))
            usual = learn_reopen(usual, build_prices(0.005, closed=closed), SIGMA)

    assert isinstance(study_reopen(build_prices(0.05), GAP, SIGMA, usual, crude=False), ReopenFound)


@pytest.mark.parametrize("window", list(ReopenWindow))
def test_without_a_normal_move_there_is_no_test_but_the_gap(window: ReopenWindow) -> None:
    result = study_reopen(build_prices(0.05), window, Refused("too few returns"), UsualGaps())

    assert isinstance(result, ReopenRefused)
    assert result.cause is RefusalCause.NO_SIGMA
    assert result.gap == pytest.approx(math.log(1.05))


def test_what_is_refused_or_pending_is_handed_on() -> None:
    pending = NotYet(settles_at=WEEKEND.opens_at)
    prices = build_prices(0.05)

    assert study_reopen(REFUSED, GAP, SIGMA, UsualGaps()) is REFUSED
    assert study_reopen(pending, HOUR, SIGMA, UsualGaps()) is pending
    waits = GapPrices(
        closed=WEEKEND,
        before=prices.before,
        before_at=prices.before_at,
        first=prices.first,
        first_at=prices.first_at,
        hour=pending,
    )
    assert study_reopen(waits, HOUR, SIGMA, UsualGaps()) is pending
    assert isinstance(study_reopen(waits, GAP, SIGMA, UsualGaps()), ReopenFound)


@given(gap=GAPS, hour=GAPS)
def test_a_re_open_is_learned_from_after_its_test_in_units_of_sigma(gap: float, hour: float) -> None:
    usual, prices = UsualGaps(), build_prices(gap, hour)
    first = found(prices, usual=usual)
    learned = learn_reopen(usual, prices, SIGMA)
    rest = abs(math.log((1.0 + hour) / (1.0 + gap))) / SIGMA

    assert found(prices, usual=usual) == first
    assert learned.level == usual.learn(BreakKind.WEEKEND, abs(prices.gap) / SIGMA).level
    assert learned.weekend.seen == 1
    assert learned.hour.total == pytest.approx(usual.hour.learn(rest).total)


@pytest.mark.parametrize(
    ("prices", "sigma"),
    [(REFUSED, SIGMA), (NotYet(settles_at=WEEKEND.opens_at), SIGMA), (build_prices(0.05), Refused("none"))],
)
def test_nothing_is_learned_from_a_refused_re_open(
    prices: GapPrices | NotYet | ReopenRefused, sigma: float | Refused
) -> None:
    assert learn_reopen(UsualGaps(), prices, sigma) == UsualGaps()


def test_an_opening_price_stands_in_for_missing_bars() -> None:
    night, usual = BreakKind.NIGHT, UsualGaps()

    assert learn_daily_open(usual, night, 100.0, 102.0, SIGMA) == usual.learn(night, math.log(1.02) / SIGMA)
    for settled, opened, sigma in ((100.0, None, SIGMA), (-1.0, 5.0, SIGMA), (100.0, 102.0, Refused("none"))):
        assert learn_daily_open(usual, night, settled, opened, sigma) == usual


def test_sigma_is_the_forecast_without_a_calendar_and_with_one_scale() -> None:
    single = StudentT(expected=0.0, standard_error=0.03, scale=0.02, degrees_of_freedom=6.0)

    assert find_session_sigma(Path((single,), single=single)) == 0.03
    assert find_session_sigma(Path((single,), single=single, spans=4)) == 0.015
    assert isinstance(find_session_sigma(Path((single,))), Refused)
    assert isinstance(find_session_sigma(None), Refused)
    assert find_session_sigma(Refused("too few")) == Refused("too few")
