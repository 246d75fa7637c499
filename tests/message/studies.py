"""Tests and studies with figures that fit each other, made by the core from a forecast."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from brentwatch.core.domain import HEADLINE, Found, Move, Study, Window
from brentwatch.core.forecasts.abnormal_returns import half_width, minimum_detectable_effect, p_value
from brentwatch.core.forecasts.forecast import StudentT

SESSIONS = (date(2022, 1, 5), date(2022, 1, 6), date(2022, 1, 7), date(2022, 1, 10), date(2022, 1, 11))


def found(car: float, *, window: Window = HEADLINE, observed: int | None = None) -> Found:
    """A test on a forecast of 2 % a session, Student t with 6 degrees of freedom."""
    count = window.sessions if observed is None else observed
    error = 0.02 * float(count) ** 0.5
    forecast = StudentT(
        expected=0.001, standard_error=error, scale=error * (4 / 6) ** 0.5, degrees_of_freedom=6.0
    )
    half = half_width(forecast)
    return Found(
        window=window,
        observed=count,
        planned=window.sessions,
        null="the return is a draw from the forecast",
        total=car + forecast.expected,
        expected=forecast.expected,
        car=car,
        standard_error=error,
        low=car - half,
        high=car + half,
        statistic=car / error,
        degrees_of_freedom=6.0,
        p=p_value(car + forecast.expected, forecast),
        mde_05=minimum_detectable_effect(forecast, 0.05),
        mde_alert=minimum_detectable_effect(forecast, 0.01),
    )


STUDY = Study(
    study_id="0123456789abcdef0123",
    revision=1,
    known_at=datetime(2022, 1, 5, 16, 30, tzinfo=UTC),
    instrument="brent-spot",
    series="brent-spot",
    session=SESSIONS[0],
    window=HEADLINE,
    model="garch-t",
    events=(),
    events_total=0,
    exposure=None,
    result=found(0.01),
    after=None,
    move=Move(
        session=SESSIONS[0],
        close=81.0,
        previous_session=date(2022, 1, 4),
        previous_close=80.0,
        log_return=0.0124,
    ),
    flags=(),
    confounders=(),
    overlaps=(),
    calibration=None,
)


def study(**changes: Any) -> Study:
    """The study with some fields changed."""
    return replace(STUDY, **changes)


def grown(*cars: float) -> list[Study]:
    """The revisions of a [0, 5] study, one more session in each."""
    window = Window(0, 5)
    return [
        study(revision=count, window=window, result=found(car, window=window, observed=count))
        for count, car in enumerate(cars, start=1)
    ]
