"""No answer depends on a cache: processes that begin in the midst publish what one with warm caches does."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context

import numpy as np
import pytest

from brentwatch.core.domain import BRENT_FRONT, BRENT_SPOT, Instrument
from brentwatch.core.monitor.lookahead import look_ahead
from brentwatch.core.monitor.machine import create_state
from brentwatch.core.monitor.state_values import assemble_state, take_snapshot
from brentwatch.history.folder import find_history
from brentwatch.history.rules import build_rules
from brentwatch.message.folding import fold
from brentwatch.wire.state import decode_saved, encode_saved

Saved = dict[str, bytes]
HISTORIES = {"abqaiq-2019": BRENT_SPOT, "intraday-demo": BRENT_FRONT}
TESTED = {"abqaiq-2019": 60, "intraday-demo": 700}
"""So many signals from the end are cut somewhere; what is before them is warm-up, most of it."""


class Folding:
    """A history on its way through the fold, which has no bundled fits: the models are fitted."""

    def __init__(self, name: str, instrument: Instrument, saved: Saved | None = None, start: int = 0) -> None:
        self.signals = find_history(name, instrument).signals
        rules = replace(build_rules(instrument), fits={})
        self.state = create_state(rules)
        if saved is not None:
            self.state = assemble_state(rules, {key: decode_saved(value) for key, value in saved.items()})
        self.place = start
        self.published: list[bytes] = []

    def fold_through(self, end: int, *, looks_ahead: bool = False) -> None:
        for signal in self.signals[self.place : end]:
            if looks_ahead:
                look_ahead(self.state)
            folded = fold(self.state, signal)
            self.state = folded.state
            self.published += [document for _, document in folded.effects if document is not None]
        self.place = end


def fold_part(name: str, saved: Saved | None, start: int, end: int) -> tuple[list[bytes], Saved]:
    """What a part of a history leads to, and the state afterwards."""
    folding = Folding(name, HISTORIES[name], saved, start)
    folding.fold_through(end)
    return folding.published, save(folding)


def save(folding: Folding) -> Saved:
    """The state as it would be saved."""
    return {key: encode_saved(value) for key, value in take_snapshot(folding.state).items()}


def fold_afresh(name: str, saved: Saved | None, start: int, end: int) -> tuple[list[bytes], Saved]:
    """The same in a process that has done nothing before."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(fold_part, name, saved, start, end).result()


@pytest.fixture(scope="module")
def warm() -> dict[str, Folding]:
    """The histories in turn in this process, each looking ahead: their caches hold what others left."""
    foldings = {name: Folding(name, instrument) for name, instrument in HISTORIES.items()}
    for name, folding in foldings.items():
        folding.fold_through(len(folding.signals) - TESTED[name])
        folding.published.clear()
    for part in range(20):
        for name, folding in foldings.items():
            folding.fold_through(folding.place + TESTED[name] // 20, looks_ahead=part % 2 == 0)
    return foldings


@pytest.mark.slow
@pytest.mark.parametrize("name", HISTORIES)
def test_two_fresh_processes_publish_what_one_with_warm_caches_does(
    warm: dict[str, Folding], name: str
) -> None:
    end = len(warm[name].signals)
    cut = end - int(np.random.default_rng(15).integers(TESTED[name] // 4, TESTED[name]))
    first, saved = fold_afresh(name, None, 0, cut)
    second, at_the_end = fold_afresh(name, saved, cut, end)

    assert (first + second)[-len(warm[name].published) :] == warm[name].published != []
    assert second
    assert at_the_end == save(warm[name])
