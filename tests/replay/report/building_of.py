"""Builds the report of a bundled history or a folder, as the command does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from brentwatch.core.domain import BRENT_SPOT, Instrument, Signal
from brentwatch.history.rules import build_rules
from brentwatch.replay.recording import read_history
from brentwatch.replay.report.building import build_report
from brentwatch.replay.report.contents import ReplayReport
from brentwatch.replay.report.gathering import Gathered
from brentwatch.replay.turns import replay_signals


def report_history(name_or_path: str, instrument: Instrument = BRENT_SPOT) -> ReplayReport:
    """The report of a whole history."""
    return report_signals(name_or_path, instrument, read_history(name_or_path, instrument).signals)


def report_signals(name_or_path: str, instrument: Instrument, signals: Sequence[Signal]) -> ReplayReport:
    """The report of some signals of a history."""
    instrument = replace(instrument, alerts=True)
    recording, rules = read_history(name_or_path, instrument), build_rules(instrument)
    gathered = Gathered(instrument, recording, signals)
    for turn in replay_signals(rules, signals, gathered.reject):
        gathered.take(turn)
    return build_report(gathered, rules)
