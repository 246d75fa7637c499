"""The test of a list of events together: the same figures by hand, its look-ahead, and what it refuses."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import cache

import pytest

from brentwatch.core.calibration.daily import Placebo, run_placebos
from brentwatch.core.domain import BRENT_SPOT, HEADLINE, WINDOWS, Bar, Found, PriceUpdate, Refused, Window
from brentwatch.core.errors import InvalidInput, SettingsError
from brentwatch.core.forecasts.table import HEADLINE_MODEL, load
from brentwatch.core.impact.impacts import measure_impacts
from brentwatch.core.impact.pooled import PooledImpacts, PooledTest, pool_impacts
from brentwatch.core.impact.shifts import SHORTEST_SHIFT
from brentwatch.core.monitor.rules import Rules
from brentwatch.history.rules import build_rules
from brentwatch.replay.recording import read_history

LIBYA: Mapping[str, date] = {
    "first protests": date(2011, 2, 15),
    "oil fields": date(2011, 2, 21),
    "Ras Lanuf": date(2011, 3, 4),
    "no-fly zone": date(2011, 3, 17),
    "Tripoli": date(2011, 8, 22),
}
QUICK = "constant-mean"


@cache
def get_rules() -> Rules:
    return build_rules(BRENT_SPOT)


@cache
def list_bars() -> list[Bar]:
    updates = (
        each for each in read_history("catalogue", BRENT_SPOT).signals if isinstance(each, PriceUpdate)
    )
    bars = {bar.session: bar for update in updates for bar in update.bars}
    return [bars[session] for session in sorted(bars)]


@cache
def pool_libya() -> PooledImpacts:
    return pool_impacts(LIBYA, list_bars(), get_rules())


@cache
def list_few_bars() -> list[Bar]:
    """From 2010 to 2012, for a model that needs 120 returns."""
    return [bar for bar in list_bars() if 2010 <= bar.session.year <= 2012]


@cache
def list_all_found() -> Mapping[Window, Mapping[date, tuple[float, float]]]:
    """The abnormal return and its standard error of each session, as `impact` has them."""
    every = {str(bar.session): bar.session for bar in list_bars()}
    impacts = measure_impacts(every, list_bars(), get_rules())
    return {
        window: {
            each.session: (result.car, result.standard_error)
            for each in impacts.found
            if isinstance(result := each.windows[place].result, Found) and result.complete
        }
        for place, window in enumerate(WINDOWS)
    }


@cache
def list_placebos() -> Mapping[Window, tuple[Placebo, ...]]:
    """By the code of the calibration, which is not that of the monitor."""
    windows = (HEADLINE, Window(0, 5))
    tested = run_placebos(list_bars(), load(HEADLINE_MODEL), get_rules().fits, windows)
    return {window: tuple(each for each in tested if each.window == window) for window in windows}


def pool_quickly(events: Mapping[str, date | datetime], *windows: Window) -> PooledImpacts:
    return pool_impacts(events, list_few_bars(), get_rules(), QUICK, windows or (HEADLINE,))


def get_test(pooled: PooledImpacts, window: Window = HEADLINE) -> PooledTest:
    test = pooled.tests[window]
    assert isinstance(test, PooledTest), test
    return test


def pool_by_hand(series: Mapping[date, tuple[float, float]], sessions: set[date]) -> dict[str, float]:
    """The test in loops: every shift of the set, one after the other."""
    days = sorted(series)
    z = [series[day][0] / series[day][1] for day in days]
    at = [place for place, day in enumerate(days) if day in sessions]
    observed = sum(z[place] for place in at) / len(at)
    shifted = []
    for k in range(-len(z), len(z) + 1):
        moved = [place + k for place in at]
        if abs(k) >= 6 and min(moved) >= 0 and max(moved) < len(z):
            shifted.append(sum(z[place] for place in moved) / len(at))
    exceeding = sum(abs(mean) >= abs(observed) for mean in shifted)
    moves = [series[days[place]][0] for place in at]
    weights = [1.0 / series[days[place]][1] for place in at]
    return {
        "statistic": observed,
        "shifts": len(shifted),
        "exceedances": exceeding,
        "p": (1 + exceeding) / (1 + len(shifted)),
        "mean": sum(moves) / len(at),
        "estimate": sum(w * move for w, move in zip(weights, moves, strict=True)) / sum(weights),
    }


@pytest.mark.parametrize("window", WINDOWS, ids=str)
def test_equals_an_implementation_in_loops(window: Window) -> None:
    """Every figure, with the tests of `impact` for every session, and shifts one by one."""
    test = get_test(pool_libya(), window)
    expected = pool_by_hand(list_all_found()[window], set(test.sessions))
    got = {name: getattr(test.found, name) for name in expected}
    assert got == pytest.approx(expected, rel=1e-9)
    assert (test.events, len(test.sessions)) == (5, 5)
    assert SHORTEST_SHIFT == 6


def test_equals_the_placebos_of_the_calibration_in_loops() -> None:
    """The same with the forecasts of `calibrate`, which begin some sessions earlier."""
    placebos = list_placebos()[HEADLINE][-pool_libya().tested[HEADLINE] :]
    series = {each.session: (each.ar, each.sigma) for each in placebos}
    test = get_test(pool_libya())
    expected = pool_by_hand(series, set(test.sessions))
    assert {name: getattr(test.found, name) for name in expected} == pytest.approx(expected, rel=1e-9)


def test_statistic_is_the_mean_of_what_the_monitor_publishes() -> None:
    """The z of each event's first session, as `impact` and a replay have them."""
    impacts = measure_impacts(LIBYA, list_bars(), get_rules())
    for place, window in enumerate(WINDOWS):
        found = [each.windows[place].result for each in impacts.found if not each.carried]
        z = [each.statistic for each in found if isinstance(each, Found)]
        assert get_test(pool_libya(), window).found.statistic == pytest.approx(sum(z) / 5, rel=1e-12)


def test_what_is_known_later_changes_no_forecast() -> None:
    """With the prices up to the last event alone: fewer shifts, and the same mean of the same sessions."""
    bars = [bar for bar in list_bars() if bar.session <= date(2011, 8, 31)]
    early, late = get_test(pool_impacts(LIBYA, bars, get_rules())), get_test(pool_libya())
    assert early.sessions == late.sessions
    for name in ("statistic", "estimate", "mean"):
        assert getattr(early.found, name) == pytest.approx(getattr(late.found, name), rel=1e-12)
    assert early.found.shifts < late.found.shifts


def test_order_of_the_events_does_not_matter() -> None:
    backwards = dict(reversed(list(LIBYA.items())))
    assert pool_quickly(backwards).tests == pool_quickly(LIBYA).tests


def test_events_of_one_session_count_once() -> None:
    """Twice the same date, a weekend before a holiday, and a time before its settlement: one session each."""
    twice = {**LIBYA, "again": LIBYA["Ras Lanuf"], "weekend": date(2011, 2, 20)}
    timed = {**LIBYA, "Ras Lanuf": datetime(2011, 3, 4, 9, tzinfo=UTC)}
    plain = get_test(pool_quickly(LIBYA))
    test = get_test(pool_quickly(twice))
    assert (test.events, len(test.sessions)) == (7, 5)
    assert test.found == plain.found
    assert get_test(pool_quickly(timed)).found == plain.found


def test_a_date_without_a_time_counts_for_its_first_session() -> None:
    """21 February 2011 has no price: its first session is the 22nd."""
    pooled = get_test(pool_quickly({"Libya": date(2011, 2, 21)}))
    assert pooled.sessions == (date(2011, 2, 22),)


def test_events_outside_the_series_are_left_out_with_the_reason() -> None:
    """Before the prices, before the first test, and after them; the others are tested as if alone."""
    outside = {"old": date(1999, 1, 4), "early": date(2010, 3, 1), "future": date(2031, 1, 6)}
    pooled = pool_quickly({**LIBYA, **outside})
    assert get_test(pooled).found == get_test(pool_quickly(LIBYA)).found
    left_out = pooled.left_out[HEADLINE]
    assert left_out.keys() == outside.keys()
    assert "the prices begin on 2010-01-04" in left_out["old"]
    assert "session 2010-03-01: " in left_out["early"]
    assert "the prices end on 2012-12-31" in left_out["future"]


def test_a_window_without_all_its_prices_leaves_the_event_out() -> None:
    last = list_few_bars()[-2].session
    pooled = pool_quickly({**LIBYA, "new": last}, HEADLINE, Window(0, 5))
    assert get_test(pooled).events == 6
    assert get_test(pooled, Window(0, 5)).events == 5
    assert pooled.left_out[Window(0, 5)] == {"new": f"session {last}: 2 of 6 sessions have a price so far"}
    assert pooled.tested[HEADLINE] - pooled.tested[Window(0, 5)] == 5


def test_without_an_event_there_is_no_test() -> None:
    with pytest.raises(InvalidInput, match="there are no events; expected one or more"):
        pool_quickly({})
    refused = pool_quickly({"future": date(2031, 1, 6)}).tests[HEADLINE]
    assert isinstance(refused, Refused)
    assert "no event has a complete test of the window [0, 0]" in refused.reason


def test_wrong_arguments_are_refused() -> None:
    with pytest.raises(InvalidInput, match="expected 0, because the forecast is made"):
        pool_quickly(LIBYA, Window(-1, 1))
    with pytest.raises(InvalidInput, match="there are no prices"):
        pool_impacts(LIBYA, [], get_rules(), QUICK)
    with pytest.raises(SettingsError):
        pool_impacts(LIBYA, list_bars(), get_rules(), "no-model")


def test_a_list_as_long_as_the_series_is_refused_with_the_smallest_p() -> None:
    """99 shifts reach the alert level of 0.01; 98 do not."""
    bars = list_few_bars()
    sessions = [bar.session for bar in bars]
    tested = pool_quickly(LIBYA).tested[HEADLINE]
    first = len(bars) - tested

    def pool_spanning(shifts: int) -> PooledTest | Refused:
        """A list that begins with the first test and can be moved by 6 to `shifts` + 5 sessions."""
        last = len(bars) - 1 - shifts - (SHORTEST_SHIFT - 1)
        events = {"first": sessions[first], "last": sessions[last]}
        return pool_quickly(events).tests[HEADLINE]

    enough, few = pool_spanning(99), pool_spanning(98)
    assert isinstance(enough, PooledTest)
    assert enough.found.shifts == 99
    assert enough.found.smallest_p == 0.01
    assert isinstance(few, Refused)
    assert "can be moved in 98 ways and p cannot be below 0.0101; expected 99 ways or more" in few.reason


def test_a_weekend_belongs_to_the_session_after_it() -> None:
    """Not to the nearest one, which is Friday."""
    monday = get_test(pool_quickly({"weekend": date(2011, 9, 17)}))
    assert monday.sessions == (date(2011, 9, 19),)
