"""Looking ahead changes nothing, and leaves nothing to be fitted when the settlement comes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from tests.core.intraday_desk import new_york
from tests.core.monitor.test_intraday import attacked

from brentwatch.core.domain import BRENT_SPOT
from brentwatch.core.monitor.lookahead import look_ahead
from brentwatch.core.monitor.machine import create_state, step
from brentwatch.core.monitor.state import Rules, State
from brentwatch.core.monitor.worked_out import WorkedOut
from brentwatch.history.folder import find_history

if TYPE_CHECKING:
    from collections.abc import Hashable

    from brentwatch.core.domain import Signal

NO_FITS = Rules(instrument=BRENT_SPOT)


@pytest.fixture(scope="module")
def signals() -> tuple[Signal, ...]:
    return tuple(find_history("abqaiq-2019").signals)


def list_keys(state: State) -> list[Hashable]:
    """Of what was worked out: a result that was asked for and was not there would bring another one."""
    worked_out = state.worked_out
    return [*worked_out.fits.list_keys(), *worked_out.diagnostics.list_keys()]


def test_of_no_prices_there_is_nothing_ahead() -> None:
    look_ahead(create_state(NO_FITS))


@pytest.mark.slow
def test_what_the_next_settlement_needs_is_there_when_it_comes(signals: tuple[Signal, ...]) -> None:
    plain, ahead = create_state(NO_FITS), create_state(NO_FITS)
    fits: set[Hashable] = set()
    for signal in signals:
        look_ahead(ahead)
        fits.update(ahead.worked_out.fits.list_keys())
        before = list_keys(ahead)
        ahead, looked = step(ahead, signal)
        assert list_keys(ahead) == before
        plain, effects = step(plain, signal)
        assert looked == effects
    assert len(fits) > 1


def test_what_the_next_tests_within_the_session_need_is_there_when_their_windows_end() -> None:
    """Of more instruments than one: none takes the place of another."""
    desks = [attacked() for _ in range(4)]
    for desk in desks:
        desk.state = replace(desk.state, worked_out=WorkedOut())
        desk.trade(new_york(9, 55))
        look_ahead(desk.state)
    before = [desk.state.worked_out.references.list_keys() for desk in desks]
    for desk in desks:
        desk.trade(new_york(10))

    assert [desk.state.worked_out.references.list_keys() for desk in desks] == before
    assert [len(keys) for keys in before] == [1] * len(desks)
    assert all(len(desk.within()) == 1 for desk in desks)
