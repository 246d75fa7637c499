"""What is kept of tests within the session is all there is to them: live is replay, wherever it was cut."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from tests.core.desk import TAJIKISTAN, event
from tests.core.intraday_desk import calibrated, fine, new_york, own, revised, slot, today, told, warmed
from tests.core.monitor.test_state_values import Keeper

from brentwatch.core.domain import PublishAlert, PublishStudy, Standing, Status
from brentwatch.core.monitor.state_values import assemble_state, take_snapshot
from brentwatch.wire.published import encode_alert, encode_study
from brentwatch.wire.state import decode_saved, encode_saved
from brentwatch.wire.timeline import decode_signal, encode_signal

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from brentwatch.core.domain import Effect, EventAdmitted, Signal


def single(known_at: datetime, standing: Standing = Standing.SINGLE, **changes: Any) -> EventAdmitted:
    """A report of a machine, which a second headline corroborates later."""
    return replace(event("gdelt:report", known_at, **changes), standing=standing)


@cache
def history() -> tuple[Signal, ...]:
    """A morning with all that can happen: tests, a join, a study alone, a report that rises, late bars."""
    bars = today(0.05, slot(9, 50))
    updates = [told([bar]) for bar in bars if new_york(8) < bar.closes_at <= new_york(13)]
    found: list[Signal] = [told([bar for bar in bars if bar.closes_at <= new_york(8)])]
    events = {
        new_york(9, 40): event("desk:attack", new_york(9, 42)),
        new_york(9, 55): event("desk:joins", new_york(9, 50), TAJIKISTAN),
        new_york(10, 15): event("desk:attack", new_york(9, 42), revision=1, summary="told anew"),
        new_york(10, 30): single(new_york(10, 20)),
        new_york(10, 40): single(new_york(10, 30), revision=1, standing=Standing.CORROBORATED),
        new_york(11): event("desk:second", new_york(11, 3)),
        new_york(11, 15): event("desk:small", new_york(11, 20), TAJIKISTAN),
        new_york(12, 15): event("desk:untested", new_york(12, 20)),
        new_york(12, 30): event("desk:joins", new_york(9, 50), revision=1, status=Status.RETRACT),
    }
    for update in updates:
        through = update.complete_through
        found.append(update)
        if through in events:
            found.append(events[through])
        if through == new_york(10, 20):
            found.append(told([revised(bars[slot(9, 50)], 91.0)], through=through))
            found.append(told([fine(bars[0].session, slot(9, 50), 91.0)], through=through))
    return tuple(found)


def wire(effects: Iterable[Effect]) -> list[bytes]:
    """What goes out, as bytes."""
    out = []
    for effect in effects:
        match effect:
            case PublishStudy(study=study):
                out.append(encode_study(study))
            case PublishAlert(alert=alert):
                out.append(encode_alert(alert))
            case _:
                pass
    return out


@pytest.mark.slow
@pytest.mark.parametrize("cut", range(0, 76, 5))
def test_restored_from_the_bytes_that_were_kept_it_says_what_it_would_have_said(cut: int) -> None:
    keeper = Keeper(warmed())
    keeper.fold(history()[:cut])
    kept = {key: decode_saved(encode_saved(value)) for key, value in keeper.kept.items()}
    again = Keeper(assemble_state(keeper.state.rules, kept))

    rest = [decode_signal(encode_signal(signal)) for signal in history()[cut:]]
    assert wire(again.fold(rest)) == wire(keeper.fold(history()[cut:]))
    assert {key: encode_saved(each) for key, each in again.kept.items()} == {
        key: encode_saved(each) for key, each in keeper.kept.items()
    }


def test_with_an_own_calibration_it_is_the_same() -> None:
    keeper, cut = Keeper(calibrated(own())), 40
    keeper.fold(history()[:cut])
    kept = {key: decode_saved(encode_saved(value)) for key, value in keeper.kept.items()}
    again = Keeper(assemble_state(keeper.state.rules, kept))

    said = wire(keeper.fold(history()[cut:]))
    assert wire(again.fold(history()[cut:])) == said
    assert any(b'"own_calibration":{"series":"brent-front-5m"' in each for each in said)


@pytest.mark.parametrize("size", [1, 2, 7])
def test_what_each_batch_changed_adds_up_and_says_the_same_in_any_pieces(size: int) -> None:
    whole, pieces = Keeper(warmed()), Keeper(warmed())
    expected = wire(whole.fold(history()))
    said = [
        each
        for start in range(0, len(history()), size)
        for each in wire(pieces.fold(history()[start : start + size]))
    ]

    assert said == expected
    assert len([each for each in expected if b'"alert_id"' in each[:40]]) >= 3
    assert {key: encode_saved(each) for key, each in pieces.kept.items()} == {
        key: encode_saved(each) for key, each in take_snapshot(pieces.state).items()
    }


def test_what_was_let_go_is_forgotten() -> None:
    keeper = Keeper(warmed())
    keeper.fold(history())
    assert {"tests", "opening", "opening-joined", "opening-study"} <= kinds(keeper)
    keeper.fold([told([], through=new_york(17).replace(day=new_york(17).day + 9))])

    assert {"tests", "opening", "opening-joined", "opening-study"}.isdisjoint(kinds(keeper))


def kinds(keeper: Keeper) -> set[str]:
    return {key.partition(":")[0] for key in keeper.kept}


def test_a_session_of_bars_takes_few_bytes() -> None:
    keeper = Keeper(warmed())
    keeper.fold(history())
    assert (
        max(len(encode_saved(each)) for key, each in keeper.kept.items() if key.startswith("five:")) < 12_000
    )
