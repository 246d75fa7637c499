"""How long a sweep of alert policies takes, beside the one replay that its p-values come from."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from time import process_time
from typing import TYPE_CHECKING

from benchmarks.measurement import AtMost, Measurement, Reference
from benchmarks.references import seconds_of

from brentwatch.core.backtest.evaluation import Backtest
from brentwatch.core.backtest.policy import AlertPolicy
from brentwatch.core.backtest.sweep import build_sweep
from brentwatch.core.domain import BRENT_SPOT
from brentwatch.history.folder import find_history
from brentwatch.history.label_files import read_labels
from brentwatch.history.rules import build_rules
from brentwatch.replay.backtest_table import TableBuilder, include_placebos
from brentwatch.replay.turns import replay_signals

if TYPE_CHECKING:
    from collections.abc import Iterator

    from brentwatch.core.backtest.sessions import BacktestTable


def measure(*, short: bool = False) -> Iterator[Measurement]:
    """Seconds of 432 policies on the sessions of the catalogue, without the imports."""
    name = "abqaiq-2019" if short else "catalogue"
    begun = process_time()
    table = _replay(name)
    replayed = Reference("the replay of every session", process_time() - begun)
    installed = AlertPolicy(name="installed", alert_level=BRENT_SPOT.alert_level)
    policies = list(islice(build_sweep(installed), 10 if short else None))

    def sweep() -> None:
        backtest = Backtest(table)
        for policy in policies:
            backtest.evaluate(policy)

    spent = seconds_of(sweep, 1 if short else 3)
    yield Measurement(f"backtest of {len(policies)} policies", spent, "s", AtMost(0.5, replayed))


def _replay(name: str) -> BacktestTable:
    instrument, history = replace(BRENT_SPOT, alerts=True), find_history(name)
    builder = TableBuilder(instrument.series)
    for turn in replay_signals(build_rules(instrument), include_placebos(history.signals, history.start)):
        builder.take(turn)
    return builder.build(read_labels(name).labels)
