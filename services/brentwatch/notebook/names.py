"""What the functions take, as types: an editor completes the names, and mypy reports a wrong one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    Moment: TypeAlias = str | date | np.datetime64
    Events: TypeAlias = (
        Mapping[Any, Any] | pd.Series[Any] | pd.DataFrame | pd.Index[Any] | Sequence[Moment] | Moment
    )
    Prices: TypeAlias = pd.Series[Any] | pd.DataFrame

ClassicalModel: TypeAlias = Literal["constant-mean", "market-adjusted", "market", "factors"]
"""The models of `event_study`."""

ForecastModel: TypeAlias = Literal[
    "adaptive-garch-t", "adaptive-rank", "garch-t", "constant-mean", "ewma-rank"
]
"""The models of `impact`, `session_tests` and `sizes`."""

InstrumentName: TypeAlias = Literal["brent-spot", "brent-front", "wti-front"]
"""The built-in instruments. An instrument says which days are sessions and when they settle."""

HistoryName: TypeAlias = Literal[
    "abqaiq-2019", "catalogue", "intraday-demo", "kazakhstan-2022", "libya-2011", "vorukh-2021"
]
"""The bundled histories."""

EventClassName: TypeAlias = Literal[
    "protest",
    "strike",
    "blockade",
    "riot",
    "violent_crackdown",
    "state_of_emergency",
    "armed_clash",
    "bombardment",
    "attack_infrastructure",
    "attack_shipping",
    "seizure_infrastructure",
    "territorial_change",
    "coup",
    "regime_change",
    "mass_violence",
    "targeted_killing",
    "foreign_intervention",
    "war_onset",
    "internet_shutdown",
    "sanction_diplomatic",
    "political_crisis",
    "mutiny",
    "supply_disruption",
    "supply_restored",
    "ceasefire",
    "deescalation",
    "other",
]
"""The classes of unrest events."""
