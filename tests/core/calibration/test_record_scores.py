"""The scores of a record: by hand on few sessions, and as statsmodels has the errors."""

from __future__ import annotations

import math
from datetime import date, timedelta

import numpy as np
import pytest
import statsmodels.api as sm

from brentwatch.core.calibration.record_scores import (
    RecordedSession,
    check_uniformity,
    estimate_mean_error,
    score_record,
)
from brentwatch.core.calibration.scoring_rules import Half, ScoredForecast

SCALE = 0.02
FIRST = date(2020, 6, 1)


def forecast(scale: float) -> ScoredForecast:
    half = Half(scale=scale, nu=math.inf)
    return ScoredForecast(expected=0.0, up=half, down=half)


def session(at: int, value: float, *, scale: float = SCALE, peers: bool = True) -> RecordedSession:
    from scipy.stats import norm

    pit = float(norm.cdf(value / SCALE))
    return RecordedSession(
        session=FIRST + timedelta(days=at),
        value=value,
        low=-1.96 * SCALE,
        high=1.96 * SCALE,
        p=2.0 * min(pit, 1.0 - pit),
        pit=pit,
        turbulence=float(at % 7),
        forecast=forecast(scale),
        peers={"wide": forecast(2.0 * SCALE)} if peers else {},
    )


def draws(count: int = 600) -> list[RecordedSession]:
    values = np.random.default_rng(3).normal(0.0, SCALE, count)
    return [session(at, float(value)) for at, value in enumerate(values)]


@pytest.mark.parametrize("count", [50, 700])
def test_the_error_of_a_mean_is_that_of_statsmodels(count: int) -> None:
    rng = np.random.default_rng(11)
    values = np.convolve(rng.normal(size=count + 3), [1.0, 0.6, 0.3, 0.1], "valid")
    lags = int(4.0 * (count / 100.0) ** (2.0 / 9.0))
    fitted = sm.OLS(values, np.ones(count)).fit(
        cov_type="HAC", cov_kwds={"maxlags": lags, "use_correction": False}
    )
    everyone = np.ones(count, dtype=np.bool_)

    assert estimate_mean_error(values, everyone) == pytest.approx(fitted.bse[0], rel=1e-12)


def test_values_of_others_change_nothing_of_a_group() -> None:
    rng = np.random.default_rng(5)
    values, members = rng.normal(size=200), np.arange(200) % 3 == 0
    other = np.where(members, values, 1e6)
    other[~members] = np.nan

    assert math.isfinite(estimate_mean_error(other, members))
    assert estimate_mean_error(other, members) == estimate_mean_error(values, members)
    assert math.isnan(estimate_mean_error(values, np.arange(200) == 4))


def test_groups_are_all_sessions_years_and_fifths() -> None:
    sessions = draws()
    groups = score_record(sessions)
    years = [group for group in groups if group.dimension == "year"]
    fifths = [group for group in groups if group.dimension == "fifth"]

    assert (groups[0].dimension, groups[0].n) == ("all", 600)
    assert [group.group for group in years] == ["2020", "2021", "2022"]
    assert sum(group.n for group in years) == sum(group.n for group in fifths) == 600
    assert sum(group.covered for group in years) == groups[0].covered
    assert groups[0].covered == sum(abs(each.value) <= 1.96 * SCALE for each in sessions)
    calmest = sorted(sessions, key=lambda each: each.turbulence)[:120]
    assert fifths[0].alarms == sum(each.p <= 0.05 for each in calmest)


def test_the_gain_over_a_peer_is_the_mean_difference() -> None:
    sessions = [*draws(), session(600, 0.01, peers=False)]
    own = [each.forecast.find_log_score(each.value) for each in sessions[:-1]]
    peers = [each.peers["wide"].find_log_score(each.value) for each in sessions[:-1]]
    crps = [each.forecast.find_crps(each.value) for each in sessions[:-1]]
    wide = [each.peers["wide"].find_crps(each.value) for each in sessions[:-1]]
    (gain,) = score_record(sessions)[0].gains

    assert (gain.peer, gain.n) == ("wide", 600)
    assert gain.log_gain == pytest.approx(np.mean(own) - np.mean(peers))
    assert gain.crps_gain == pytest.approx(1.0 - np.mean(crps) / np.mean(wide))
    assert gain.log_gain > 5.0 * gain.log_error
    assert gain.crps_gain > 5.0 * gain.crps_error


def test_uniform_pit_passes_and_a_scale_that_is_wrong_does_not() -> None:
    fair = check_uniformity(draws())
    wrong = [session(at, 1.5 * each.value) for at, each in enumerate(draws())]

    assert all(test.p > 0.001 for test in fair)
    assert min(test.p for test in check_uniformity(wrong)) < 1e-6
    assert check_uniformity(draws(99)) == []
    assert score_record([]) == []
