from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy import stats
from tests.core.series import bar, bars_of_returns, garch_returns, sessions

from brentwatch.core.calibration.daily import NO_FITS, Placebo, run_placebos, summarise, summarise_by_year
from brentwatch.core.domain import HEADLINE, Calibration, Refused, Window
from brentwatch.core.forecasts.forecast import Ahead, Fit, Mean, Memory, Path, StudentT
from brentwatch.core.forecasts.table import load
from brentwatch.core.monitor.bundling import BURN_IN
from brentwatch.core.sessions.roll import find_spliced_sessions, is_after_expiry

if TYPE_CHECKING:
    from brentwatch.core.domain.returns import Returns

VALUES = garch_returns(seed=8, count=BURN_IN + 60)
BARS = bars_of_returns(VALUES)
EARNED = sessions(len(VALUES) + 1)[1:]
FORECAST = StudentT(expected=0.001, standard_error=9.9, scale=0.02, degrees_of_freedom=7.0)
MADE_ON = date(2026, 9, 1)


@dataclass
class Recorder:
    """A model that keeps what it was shown; it refuses to fit or to forecast at the sessions named."""

    monthly: bool
    refuses_fit: int = -1
    refuses_path: int = -1
    name: str = "recorder"
    family: str = "recorder"
    adaptive: bool = False
    edition: int = 1
    fitted_on: list[Returns] = field(default_factory=list)
    asked_with: list[tuple[Returns, int, int]] = field(default_factory=list)

    def fit(self, past: Returns) -> Fit | Refused:
        self.fitted_on.append(past)
        return Refused("as asked") if len(past) == self.refuses_fit else Mean(0.0, 4e-4, len(past))

    def forecast(self, past: Returns, fit: Fit, ahead: Ahead, memory: Memory | None = None) -> Path | Refused:
        self.asked_with.append((past, fit.n, len(ahead.days)))
        return Refused("as asked") if len(past) == self.refuses_path else Path((FORECAST,))

    def learn(self, memory: Memory | None, path: Path, value: float, session: date) -> None:
        """Nothing."""


def of_months(days: tuple[date, ...]) -> list[date]:
    """The first session of each calendar month."""
    return [day for before, day in pairwise(days) if before.month != day.month]


def placebo(place: int, p: float, turbulence: float) -> Placebo:
    session = date(2022, 1, 1) + timedelta(days=place)
    return Placebo(session, HEADLINE, 0.01, 0.02, p, turbulence, shaken=False, days=1, forecast=FORECAST)


def test_every_session_after_the_burn_in_is_tested_once() -> None:
    tested = run_placebos(BARS, Recorder(monthly=True))

    assert BURN_IN == 500
    assert [each.session for each in tested] == list(EARNED[BURN_IN:])


def test_nothing_is_tested_within_the_burn_in() -> None:
    assert run_placebos(BARS[: BURN_IN + 1], Recorder(monthly=True)) == ()
    assert len(run_placebos(BARS[: BURN_IN + 2], Recorder(monthly=True))) == 1


def test_p_is_that_of_the_return_of_the_session_under_its_forecast() -> None:
    tested = run_placebos(BARS, Recorder(monthly=True))
    expected = 2.0 * stats.t.sf(np.abs(VALUES[BURN_IN:] - 0.001) / 0.02, 7.0)

    assert [each.p for each in tested] == pytest.approx(expected.tolist(), rel=1e-9)


def test_a_forecast_is_made_from_the_returns_before_the_session_alone() -> None:
    model = Recorder(monthly=True)
    run_placebos(BARS, model)

    assert [past.sessions for past, _, _ in model.asked_with] == [
        EARNED[:at] for at in range(BURN_IN, len(VALUES))
    ]
    assert model.asked_with[-1][0].values.tolist() == pytest.approx(VALUES[:-1].tolist(), abs=1e-14)
    assert {asked for _, _, asked in model.asked_with} == {1}


def test_a_monthly_model_is_fitted_first_and_then_at_the_first_session_of_each_month() -> None:
    model = Recorder(monthly=True)
    run_placebos(BARS, model)
    began = [EARNED[BURN_IN], *of_months(EARNED[BURN_IN:])]

    assert [day.month for day in began] == [12, 1, 2]
    assert [past.sessions for past in model.fitted_on] == [EARNED[: EARNED.index(day)] for day in began]


def test_the_parameters_of_a_month_hold_until_the_next() -> None:
    model = Recorder(monthly=True)
    run_placebos(BARS, model)
    began = [BURN_IN, *(EARNED.index(day) for day in of_months(EARNED[BURN_IN:]))]

    assert [n for _, n, _ in model.asked_with] == [
        max(start for start in began if start <= at) for at in range(BURN_IN, len(VALUES))
    ]


def test_the_same_month_of_another_year_is_another_month() -> None:
    model = Recorder(monthly=True)
    run_placebos([*BARS[: BURN_IN + 2], bar(EARNED[BURN_IN].replace(year=2013), 90.0)], model)

    assert len(model.fitted_on) == 2


def test_any_other_model_is_fitted_before_every_session() -> None:
    model = Recorder(monthly=False)
    run_placebos(BARS, model)

    assert [len(past) for past in model.fitted_on] == list(range(BURN_IN, len(VALUES)))


def test_a_month_that_the_model_refuses_to_fit_is_left_out() -> None:
    second = EARNED.index(of_months(EARNED[BURN_IN:])[0])
    third = EARNED.index(of_months(EARNED[BURN_IN:])[1])
    tested = run_placebos(BARS, Recorder(monthly=True, refuses_fit=second))

    assert [each.session for each in tested] == [*EARNED[BURN_IN:second], *EARNED[third:]]


def test_a_session_that_the_model_refuses_to_forecast_is_left_out() -> None:
    tested = run_placebos(BARS, Recorder(monthly=True, refuses_path=BURN_IN + 3))

    assert [each.session for each in tested] == [*EARNED[BURN_IN : BURN_IN + 3], *EARNED[BURN_IN + 4 :]]


def test_sessions_into_and_out_of_a_price_below_zero_are_left_out() -> None:
    place = BURN_IN + 10
    broken = [*BARS[:place], bar(BARS[place].session, -36.98), *BARS[place + 1 :]]
    tested = run_placebos(broken, Recorder(monthly=True))

    assert [each.session for each in tested] == [*EARNED[BURN_IN : place - 1], *EARNED[place + 1 :]]


def test_turbulence_is_what_was_known_the_session_before_over_the_120_sessions_before() -> None:
    known = VALUES[0] ** 2
    for value in VALUES[1:-1]:
        known = 0.94 * known + 0.06 * value**2
    expected = np.sqrt(known) / np.std(VALUES[-121:-1], ddof=1)

    assert run_placebos(BARS, Recorder(monthly=True))[-1].turbulence == pytest.approx(expected, rel=1e-9)


def test_a_price_that_stood_still_is_as_calm_as_can_be() -> None:
    still = bars_of_returns([*garch_returns(seed=8, count=BURN_IN - 100), *[0.0] * 120, 0.01])

    assert run_placebos(still, Recorder(monthly=True))[-1].turbulence == 0.0


@pytest.mark.parametrize("rule", ["brent", "cl"])
def test_two_vintages_of_a_front_month_have_the_same_placebos(rule: str) -> None:
    """The copies differ in the first rows after an expiry: the step is in the first or the second return."""
    values = garch_returns(seed=3, count=BURN_IN + 150)
    one = bars_of_returns(values)
    days = [bar.session for bar in one]
    firsts = {day for day in days if is_after_expiry(rule, days, day)}
    other = [replace(bar, close=bar.close * 1.1) if bar.session in firsts else bar for bar in one]
    left_out, windows = find_spliced_sessions(rule, days), (HEADLINE, Window(0, 5))

    tested = [run_placebos(bars, load("ewma-rank"), NO_FITS, windows, left_out) for bars in (one, other)]
    assert len(firsts) > 20
    assert tested[0] == tested[1]
    assert {Window(0, 0), Window(0, 5)} == {each.window for each in tested[0]}
    assert not {each.session for each in tested[0]} & left_out
    reached = {days[days.index(each.session) + each.window.end] for each in tested[0]}
    assert not reached & left_out


def test_sizes_count_the_p_values_at_or_below_the_level_the_calmest_fifth_first() -> None:
    ps = [0.05, 0.06, 0.01, 0.011, 0.5, 0.9, 0.0501, 0.2, 0.03, 0.009]
    calmness = [9.0, 8.0, 7.0, 6.0, 5.0, 4.0, 3.0, 2.0, 1.0, 0.0]
    tested = [placebo(place, *each) for place, each in enumerate(zip(ps, calmness, strict=True))]

    words = {"series": "brent-spot", "model": "recorder", "vintage": "of May", "prices_sha256": "0" * 64}
    assert summarise(tested, made_on=MADE_ON, **words) == Calibration(
        series="brent-spot",
        model="recorder",
        n=10,
        first=date(2022, 1, 1),
        last=date(2022, 1, 10),
        size_05=0.5,
        size_01=0.2,
        fifths_05=(1.0, 0.0, 0.0, 1.0, 0.5),
        made_on=MADE_ON,
        error_05=pytest.approx(np.sqrt(0.5 * 0.5 / 10)),  # type: ignore[arg-type]  # it compares as a number
        error_01=pytest.approx(np.sqrt(0.2 * 0.8 / 10)),  # type: ignore[arg-type]  # it compares as a number
        vintage="of May",
        prices_sha256="0" * 64,
    )


def test_sessions_that_do_not_fill_five_fifths_are_refused() -> None:
    few = [placebo(place, 0.5, 1.0) for place in range(4)]

    assert summarise(few, series="brent-spot", model="garch-t", made_on=MADE_ON) == Refused(
        "4 sessions of brent-spot could be tested with garch-t after 500 returns, expected 5 or more; "
        "give more price history"
    )


def test_five_sessions_are_enough() -> None:
    five = [placebo(place, 0.5, 1.0) for place in range(5)]

    assert isinstance(summarise(five, series="brent-spot", model="garch-t", made_on=MADE_ON), Calibration)


def test_a_record_by_year_holds_what_was_known_at_the_end_of_each_and_last_everything() -> None:
    """2022 has 365 placebos, 2023 too; of the last year there are ten."""
    tested = [placebo(place, 0.04 if place % 20 == 0 else 0.5, 1.0) for place in range(740)]
    rows = summarise_by_year(tested, series="brent-spot", model="recorder", made_on=MADE_ON)

    assert not isinstance(rows, Refused)
    assert [(row.n, row.last) for row in rows] == [
        (365, date(2022, 12, 31)),
        (730, date(2023, 12, 31)),
        (740, date(2024, 1, 10)),
    ]
    assert rows[0] == summarise(tested[:365], series="brent-spot", model="recorder", made_on=MADE_ON)


def test_a_year_with_few_tests_has_no_row_of_its_own() -> None:
    tested = [placebo(place, 0.5, 1.0) for place in range(300, 400)]
    rows = summarise_by_year(tested, series="brent-spot", model="recorder", made_on=MADE_ON)

    assert not isinstance(rows, Refused)
    assert [row.n for row in rows] == [100]
