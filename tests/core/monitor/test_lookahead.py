"""Looking ahead changes nothing, and leaves nothing to be fitted when the settlement comes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from tests.core.desk import event, studies
from tests.core.intraday_desk import new_york, slot, told
from tests.core.monitor.test_intraday import attacked
from tests.core.thread_desk import MONDAY, REOPENS, SATURDAY, SETTLES, ThreadDesk, bars_of_monday, monday

from brentwatch.core.domain import BRENT_SPOT, Noted, NotYet, ReopenStudy, WindowStudy
from brentwatch.core.intraday.clock import BAR, HOUR, SETTLEMENT
from brentwatch.core.monitor.lookahead import look_ahead
from brentwatch.core.monitor.machine import create_state, step
from brentwatch.core.monitor.rules import Rules
from brentwatch.core.monitor.state import State
from brentwatch.core.monitor.worked_out import WorkedOut
from brentwatch.history.folder import find_history

if TYPE_CHECKING:
    from collections.abc import Hashable
    from datetime import datetime

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


Later = Callable[[ThreadDesk], None]


def tell_more_bars(desk: ThreadDesk) -> None:
    desk.tell(told([replace(each, close=each.close * 1.2) for each in desk.bars[desk.told_bars :]]))


def tell_the_settlement(desk: ThreadDesk) -> None:
    desk.settle_at(MONDAY, -0.1)


def tell_an_event(desk: ThreadDesk) -> None:
    desk.tell(event("desk:later", monday(16)))


@pytest.mark.parametrize("later", [tell_more_bars, tell_the_settlement, tell_an_event])
@pytest.mark.parametrize("until", [REOPENS, REOPENS + BAR, REOPENS + HOUR * BAR, monday(12), SETTLES])
def test_what_is_known_later_changes_nothing_that_was_published(until: datetime, later: Later) -> None:
    """Of heads-ups, re-opens, windows and provisional settlements: they stand, number for number."""
    desk, alone = (ThreadDesk(bars_of_monday(0.02, {slot(9, 10): 0.03})) for _ in range(2))
    for each in (desk, alone):
        each.tell(event("desk:saturday", SATURDAY))
        each.trade(until)
    before = [each for each in desk.effects if not isinstance(each, Noted)]
    later(desk)

    assert before == [each for each in alone.effects if not isinstance(each, Noted)]
    told_before = {each.study_id: each for each in studies(before) if not isinstance(each.result, NotYet)}
    for study in studies(desk.effects[len(alone.effects) :]):
        if isinstance(study, ReopenStudy | WindowStudy) and study.study_id in told_before:
            assert study.result == told_before[study.study_id].result


def test_the_re_open_and_the_provisional_test_rest_on_no_price_after_their_last_bar() -> None:
    """Later bars that come in the same update change neither."""
    plain, later = (ThreadDesk(bars_of_monday(0.02)) for _ in range(2))
    after = [replace(each, close=each.close * 1.3) for each in later.bars[SETTLEMENT + 1 :]]
    for desk in (plain, later):
        desk.tell(event("desk:saturday", SATURDAY))
    plain.tell(told(plain.bars[: SETTLEMENT + 1]))
    later.tell(told([*later.bars[: SETTLEMENT + 1], *after]))

    def results(desk: ThreadDesk) -> list[object]:
        return [each.result for each in studies(desk.effects)]

    assert results(later) == results(plain)
    assert len(results(plain)) == 6
