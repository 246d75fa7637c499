"""The test of the re-open on daily openings: what is tested, what is refused, and what is counted."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import accumulate

import numpy as np
import pytest

from brentwatch.core.calibration.reopen import (
    DailyOpen,
    ReopenPlacebo,
    run_reopen_placebos,
    summarise_reopens,
    walk_sigmas,
)
from brentwatch.core.domain import Bar, BreakKind, Refused
from brentwatch.core.domain.returns import PriceHistory
from brentwatch.core.forecasts.adaptive_garch_t import AdaptiveGarchT
from brentwatch.core.forecasts.forecast import Ahead, Path
from brentwatch.core.forecasts.volatility import Garch
from brentwatch.core.reopen import RefusalCause, ReopenFound, UsualGaps
from brentwatch.core.sessions.globex import Globex

GLOBEX = Globex()
FIRST = date(2023, 1, 3)
SIGMA = 0.02


@cache
def sessions(count: int) -> tuple[date, ...]:
    """Those with a settlement."""
    following = accumulate(
        range(2 * count), lambda day, _: GLOBEX.find_on_or_after(day + timedelta(days=1)), initial=FIRST
    )
    return tuple(day for day in following if not GLOBEX.is_unpriced(day))[:count]


@cache
def rows(count: int = 60) -> tuple[DailyOpen, ...]:
    """Sessions that open half a percent above the settlement before, and settle where they opened."""
    return tuple(
        DailyOpen(session=day, open=100.0 * 1.005**at, close=100.0 * 1.005**at)
        for at, day in enumerate(sessions(count))
    )


def run(found: tuple[DailyOpen, ...], roll: str = "none", **words: object) -> dict[date, ReopenPlacebo]:
    sigmas: dict[date, float | Refused] = {row.session: SIGMA for row in found}
    placebos = run_reopen_placebos(found, sigmas, GLOBEX, roll=roll, **words)  # type: ignore[arg-type] # as given
    return {each.session: each for each in placebos}


def change(at: int, **words: object) -> tuple[DailyOpen, ...]:
    """The rows with another one at this place."""
    other = replace(rows()[at], **words)  # type: ignore[arg-type] # fields of a row
    return (*rows()[:at], other, *rows()[at + 1 :])


def cause(placebos: dict[date, ReopenPlacebo], at: int) -> RefusalCause | None:
    result = placebos[rows()[at].session].result
    return getattr(result, "cause", None)


def test_every_gap_but_the_first_is_tested_and_then_learned_from() -> None:
    usual, found = UsualGaps(), run(rows())

    for row in rows()[1:]:
        one = found[row.session]
        assert isinstance(one.result, ReopenFound)
        assert one.result.move == pytest.approx(math.log(1.005))
        assert one.result.usual == pytest.approx(usual.estimate_gap(one.kind, SIGMA))
        usual = usual.learn(one.kind, math.log(1.005) / SIGMA)


def test_a_gap_over_a_holiday_belongs_to_its_longest_break() -> None:
    found = run(rows(400))

    assert found[date(2023, 1, 17)].kind is BreakKind.WEEKEND  # the Tuesday after Martin Luther King Day
    assert found[date(2023, 4, 10)].kind is BreakKind.LONG  # the Monday after Good Friday
    assert found[date(2023, 7, 5)].kind is BreakKind.NIGHT  # after 4 July, when trade closes early
    assert found[date(2023, 11, 24)].kind is BreakKind.NIGHT


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ({"open": None}, RefusalCause.NO_OPEN),
        ({"open": -1.0}, RefusalCause.NO_LOG_RETURN),
        ({"contract": "BZN23"}, RefusalCause.CONTRACT_CHANGED),
    ],
)
def test_a_gap_that_is_refused_is_not_learned_from(words: dict[str, object], expected: RefusalCause) -> None:
    found = run(change(20, **words))

    assert cause(found, 20) is expected
    before, after = (found[rows()[at].session].result for at in (19, 22))
    plain = run(rows())[rows()[22].session].result
    assert isinstance(before, ReopenFound)
    assert isinstance(after, ReopenFound)
    assert isinstance(plain, ReopenFound)
    assert after.sessions + 1 <= plain.sessions


def test_roll_days_and_sessions_after_missing_ones_are_refused() -> None:
    expired = date(2023, 2, 21)

    assert run(rows(), roll="cl")[expired + timedelta(days=1)].result.status == "refused"
    assert run(rows(), roll="cl")[expired].result.status == "found"
    assert cause(run(rows(), spanning=[rows()[9].session]), 9) is RefusalCause.ROWS_MISSING


def test_contracts_that_are_named_leave_no_roll_days() -> None:
    named = tuple(replace(row, contract="one") for row in rows())

    assert {each.result.status for each in run(named, roll="cl").values()} == {"found"}


def test_a_session_without_a_forecast_is_refused() -> None:
    (one,) = run_reopen_placebos(rows()[:2], {}, GLOBEX, roll="none")

    assert getattr(one.result, "cause", None) is RefusalCause.NO_SIGMA


@cache
def bars() -> tuple[Bar, ...]:
    moves = np.random.default_rng(4).standard_t(5, 560) * 0.015
    return tuple(
        Bar(session=day, closes_at=datetime(2023, 1, 1, tzinfo=UTC), close=float(price))
        for day, price in zip(sessions(560), 80.0 * np.exp(np.cumsum(moves)), strict=True)
    )


def test_sigma_is_that_of_the_headline_with_one_scale_as_it_stood_at_the_settlement_before() -> None:
    found = dict(walk_sigmas(bars()))
    returns, model = PriceHistory.build(bars()).compute_returns(), AdaptiveGarchT()
    past = returns.select_between(0, 500)
    fit = model.fit(past)
    assert isinstance(fit, Garch)
    path = model.forecast(past, fit, Ahead((1,)))

    assert list(found) == [bar.session for bar in bars()[501:]]
    assert isinstance(path, Path)
    assert path.single is not None
    assert found[bars()[501].session] == pytest.approx(path.single.standard_error)


def test_what_comes_later_changes_no_sigma() -> None:
    known = dict(walk_sigmas(bars()))
    shaken = (*bars()[:520], *(replace(bar, close=2.0 * bar.close) for bar in bars()[520:]))

    found = dict(walk_sigmas(shaken))

    assert [found[bar.session] for bar in bars()[501:521]] == [known[bar.session] for bar in bars()[501:521]]


def test_the_figures_count_alarms_power_and_refusals_by_kind() -> None:
    loud = change(20, open=rows()[20].close * 1.4)
    figures = list(summarise_reopens(list(run(loud, roll="cl").values())))
    size = {(each.kind, each.at): each for each in figures if each.measure == "size"}
    power = [each.value for each in figures if (each.measure, each.kind) == ("power", "night")]
    kind = run(loud)[rows()[20].session].kind

    assert size[kind, 0.001].count == 1
    assert size[kind, 0.001].value == pytest.approx(1 / size[kind, 0.001].n)
    assert power == sorted(value for value in power if value is not None)
    refused = [(each.what, each.count) for each in figures if each.measure == "refused"]
    assert ("roll days", 1) in refused or ("roll days", 2) in refused
