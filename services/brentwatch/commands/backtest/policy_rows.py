"""The results of policies as rows for programs: one for each policy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from brentwatch.commands.backtest.policy_tables import SELECTION
from brentwatch.core.backtest.evaluation import REFERENCE_LEVEL
from brentwatch.core.domain.shares import ShareDifference

if TYPE_CHECKING:
    from brentwatch.commands.backtest.policy_tables import Summary
    from brentwatch.core.backtest.evaluation import PolicyResult
    from brentwatch.core.domain.shares import ExactShare, MoveLeft

Cell = str | int | float | None


def describe_table(summary: Summary) -> dict[str, object]:
    """What the policies were evaluated on, and what to know of it."""
    table = summary.table
    return {
        "kind": "backtest",
        "history": summary.history,
        "title": summary.title,
        "first": table.sessions[0].session,
        "last": table.sessions[-1].session,
        "sessions": len(table.sessions),
        "with_event": len(table.news),
        "refused": table.refused,
        "reference_level": REFERENCE_LEVEL,
        "null": ShareDifference.null,
        "selection": SELECTION,
        "unlisted": summary.unlisted,
    }


def list_fields(result: PolicyResult) -> dict[str, Cell]:
    """The columns of a policy with their values; moves are log fractions, times hours."""
    yearly, lead = result.yearly, result.median_lead
    rates = (yearly.rate, yearly.low, yearly.high)
    return {
        **_list_policy(result),
        "watched": result.watched,
        "alerts": len(result.alerts),
        **_list_interval("alerts_yearly", rates),
        **_list_share("placebo", result.placebo),
        "placebo_expected": result.placebo_expected,
        **_list_interval("false_yearly", result.false_yearly or (None, None, None)),
        **_list_share("abnormal_with_event", result.difference.one),
        **_list_share("abnormal_without", result.difference.other),
        "fisher_p": result.difference.p,
        **_list_share("shocks_found", result.found),
        **_list_share("controls_alerted", result.disturbed),
        **_list_share("events_alerted", result.told),
        "median_lead_hours": None if lead is None else lead.total_seconds() / 3600.0,
        **_list_left("left", result.left),
        **_list_left("placebo_left", result.placebo_left),
        **_list_share("held", result.held),
        **_list_share("placebo_held", result.placebo_held),
        "alert_sessions": " ".join(str(each.session) for each in result.alerts),
    }


def _list_policy(result: PolicyResult) -> dict[str, Cell]:
    policy, budget = result.policy, result.policy.budget
    return {
        "policy": policy.name,
        "alert_level": policy.alert_level,
        "minimum_severity": str(policy.minimum_severity),
        "minimum_exposure": policy.minimum_exposure,
        "minimum_relevance": policy.minimum_relevance,
        "minimum_standing": str(policy.minimum_standing),
        "classes": " ".join(policy.classes),
        "countries": " ".join(policy.countries),
        "most_alerts": None if budget is None else budget.alerts,
        "over_sessions": None if budget is None else budget.sessions,
    }


def _list_share(name: str, share: ExactShare) -> dict[str, Cell]:
    interval = _list_interval(f"{name}_share", (share.share, share.low, share.high))
    return {name: share.count, f"{name}_of": share.total, **interval}


def _list_interval(name: str, values: tuple[Cell, Cell, Cell]) -> dict[str, Cell]:
    return {f"{name}{end}": value for end, value in zip(("", "_low", "_high"), values, strict=True)}


def _list_left(prefix: str, every: Sequence[MoveLeft]) -> dict[str, Cell]:
    return {
        f"{prefix}_{each.horizon}_{name}": value
        for each in every
        for name, value in (
            ("n", each.n),
            ("mean", each.mean),
            ("low", each.low),
            ("high", each.high),
        )
    }
