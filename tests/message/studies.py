"""Tests and studies with figures that fit each other, made by the core from a forecast."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from brentwatch.core.domain import (
    HEADLINE,
    Answered,
    BreakKind,
    Found,
    Move,
    MoveFound,
    ProvisionalStudy,
    Reopen,
    ReopenStudy,
    SessionStudy,
    Window,
    WindowStudy,
    Within,
)
from brentwatch.core.forecasts.abnormal_returns import find_noise, minimum_detectable_effect, p_value
from brentwatch.core.forecasts.forecast import StudentT
from brentwatch.core.forecasts.given_alert import estimate_given_alert

SESSIONS = (date(2022, 1, 5), date(2022, 1, 6), date(2022, 1, 7), date(2022, 1, 10), date(2022, 1, 11))


def found(car: float, *, window: Window = HEADLINE, observed: int | None = None) -> Found:
    """A test on a forecast of 2 % a session, Student t with 6 degrees of freedom."""
    count = window.sessions if observed is None else observed
    error = 0.02 * float(count) ** 0.5
    forecast = StudentT(
        expected=0.001, standard_error=error, scale=error * (4 / 6) ** 0.5, degrees_of_freedom=6.0
    )
    half, reach = find_noise(forecast)[0], forecast.distance(0.01)
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
        given_alert=estimate_given_alert(car, forecast.tail, below=reach, above=reach, standard_error=error)
        if window == HEADLINE and abs(car) >= reach
        else None,
    )


STUDY = SessionStudy(
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


def study(**changes: Any) -> SessionStudy:
    """The study of a session with some fields changed."""
    return replace(STUDY, **changes)


def grown(*cars: float) -> list[SessionStudy]:
    """The revisions of a [0, 5] study, one more session in each."""
    window = Window(0, 5)
    return [
        study(revision=count, window=window, result=found(car, window=window, observed=count))
        for count, car in enumerate(cars, start=1)
    ]


BASE: dict[str, Any] = {
    "revision": 1,
    "known_at": STUDY.known_at,
    "instrument": "brent-front",
    "series": "brent-front-5m",
    "session": STUDY.session,
    "events": (),
    "events_total": 0,
    "exposure": None,
    "flags": (),
    "confounders": (),
    "move": STUDY.move,
}


def moved(move: float, p: float, *, usual: float = 0.006) -> MoveFound:
    """A test against the usual move, of round figures."""
    return MoveFound(
        null="the move is a draw from what is usual",
        move=move,
        low=move - 3.0 * usual,
        high=move + 3.0 * usual,
        usual=usual,
        ratio=abs(move) / usual,
        p=p,
        mde_05=5.0 * usual,
        mde_alert=11.0 * usual,
        sessions=260,
    )


def window_study(gap: float | None = None, **changes: Any) -> WindowStudy:
    """15 minutes from 14:00 UTC of Wed 5 Jan 2022; with `gap`, the first after a break."""
    begins_at = datetime(2022, 1, 5, 14, 0, tzinfo=UTC)
    ends_at = datetime(2022, 1, 5, 14, 15, tzinfo=UTC)
    within = Within(
        minutes=15,
        begins_at=begins_at,
        ends_at=ends_at,
        news_at=datetime(2022, 1, 5, 13, 57, tzinfo=UTC),
        test=1,
        settles_at=datetime(2022, 1, 5, 19, 30, tzinfo=UTC),
        answered=Answered(data_through=ends_at, answered_at=ends_at, gap=gap),
    )
    made = WindowStudy(study_id="717171", model="intraday", within=within, result=moved(0.002, 0.41), **BASE)
    return replace(made, **changes)


def reopen_study(**changes: Any) -> ReopenStudy:
    """The first bar after the night of Tue 4 Jan 2022."""
    reopens_at = datetime(2022, 1, 4, 23, 0, tzinfo=UTC)
    reopen = Reopen(
        kind=BreakKind.NIGHT,
        minutes=5,
        closes_at=datetime(2022, 1, 4, 22, 0, tzinfo=UTC),
        reopens_at=reopens_at,
        begins_at=datetime(2022, 1, 4, 21, 50, tzinfo=UTC),
        ends_at=datetime(2022, 1, 4, 23, 5, tzinfo=UTC),
        news_at=datetime(2022, 1, 4, 22, 20, tzinfo=UTC),
        test=1,
        settles_at=datetime(2022, 1, 5, 19, 30, tzinfo=UTC),
        usual=0.003,
    )
    made = ReopenStudy(
        study_id="0e09e0", model="re-open", reopen=reopen, result=moved(0.041, 0.0008, usual=0.003), **BASE
    )
    return replace(made, **changes)


def provisional_study(**changes: Any) -> ProvisionalStudy:
    """The last bar before the settlement of Wed 5 Jan 2022."""
    made = ProvisionalStudy(
        study_id="970715",
        model="adaptive-garch-t",
        bar_ends_at=datetime(2022, 1, 5, 19, 30, tzinfo=UTC),
        allowance=0.001,
        result=found(0.09),
        calibration=None,
        **BASE,
    )
    return replace(made, **changes)
