"""Looking ahead changes nothing, and leaves nothing to be fitted when the settlement comes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.core.intraday_desk import new_york
from tests.core.monitor.test_intraday import attacked

from brentwatch.core.domain.instrument import BRENT_SPOT
from brentwatch.core.forecasts import volatility
from brentwatch.core.intraday.reference import build_reference
from brentwatch.core.monitor.lookahead import look_ahead
from brentwatch.core.monitor.machine import create_state, step
from brentwatch.core.monitor.state import Rules
from brentwatch.core.monitor.studies import diagnose_residuals
from brentwatch.history.folder import find_history

if TYPE_CHECKING:
    from brentwatch.core.domain.fold import Signal

NO_FITS = Rules(instrument=BRENT_SPOT)


@pytest.fixture(scope="module")
def signals() -> tuple[Signal, ...]:
    return tuple(find_history("abqaiq-2019").signals)


def misses() -> tuple[int, int]:
    """How often a month was fitted, and residuals diagnosed."""
    return volatility.fit_remembered.cache_info().misses, diagnose_residuals.cache_info().misses


def test_of_no_prices_there_is_nothing_ahead() -> None:
    look_ahead(create_state(NO_FITS))


@pytest.mark.slow
def test_what_the_next_settlement_needs_is_there_when_it_comes(signals: tuple[Signal, ...]) -> None:
    volatility.fit_remembered.cache_clear()
    diagnose_residuals.cache_clear()
    plain, ahead = create_state(NO_FITS), create_state(NO_FITS)
    fits = 0
    for signal in signals:
        before = misses()
        look_ahead(ahead)
        fits += misses()[0] - before[0]
        before = misses()
        ahead, looked = step(ahead, signal)
        assert misses() == before
        plain, effects = step(plain, signal)
        assert looked == effects
    assert fits > 1


def test_what_the_next_test_within_the_session_needs_is_there_when_its_window_ends() -> None:
    desk = attacked()
    desk.trade(new_york(9, 55))
    build_reference.cache_clear()
    look_ahead(desk.state)
    before = build_reference.cache_info().misses
    desk.trade(new_york(10))

    assert build_reference.cache_info().misses == before == 1
    assert len(desk.within()) == 1
