"""The results of policies as rows for programs: one for each policy."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from brentwatch.commands.backtest.policy_tables import SELECTION
from brentwatch.core.backtest.evaluation import REFERENCE_LEVEL
from brentwatch.core.backtest.shares import ShareDifference

if TYPE_CHECKING:
    from brentwatch.commands.backtest.policy_tables import Summary
    from brentwatch.core.backtest.evaluation import PolicyResult
    from brentwatch.core.backtest.shares import ExactShare, MoveLeft

Field = tuple[str, str | int | float | None]


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
        "notes": summary.notes,
    }


def list_fields(result: PolicyResult) -> Iterator[Field]:
    """The columns of a policy with their values; moves are log fractions, times hours."""
    yield from _list_policy(result)
    yield from (
        ("watched", result.watched),
        ("alerts", len(result.alerts)),
        ("alerts_yearly", result.yearly.rate),
    )
    yield from (("alerts_yearly_low", result.yearly.low), ("alerts_yearly_high", result.yearly.high))
    yield from _list_share("placebo", result.placebo)
    yield "placebo_expected", result.placebo_expected
    for name, value in zip(("", "_low", "_high"), result.false_yearly or (None,) * 3, strict=True):
        yield f"false_yearly{name}", value
    yield from _list_share("abnormal_with_event", result.difference.one)
    yield from _list_share("abnormal_without", result.difference.other)
    yield "fisher_p", result.difference.p
    yield from _list_share("shocks_found", result.found)
    yield from _list_share("controls_alerted", result.disturbed)
    yield from _list_share("events_alerted", result.told)
    lead = result.median_lead
    yield "median_lead_hours", None if lead is None else lead.total_seconds() / 3600.0
    for prefix, every in (("left", result.left), ("placebo_left", result.placebo_left)):
        for each in every:
            yield from _list_left(f"{prefix}_{each.horizon}", each)
    yield "alert_sessions", " ".join(str(each.session) for each in result.alerts)


def _list_policy(result: PolicyResult) -> Iterator[Field]:
    policy, budget = result.policy, result.policy.budget
    yield from (("policy", policy.name), ("alert_level", policy.alert_level))
    yield "minimum_severity", str(policy.minimum_severity)
    yield from (
        ("minimum_exposure", policy.minimum_exposure),
        ("minimum_relevance", policy.minimum_relevance),
    )
    yield "minimum_standing", str(policy.minimum_standing)
    yield from (("classes", " ".join(policy.classes)), ("countries", " ".join(policy.countries)))
    yield "most_alerts", None if budget is None else budget.alerts
    yield "over_sessions", None if budget is None else budget.sessions


def _list_share(name: str, share: ExactShare) -> Iterator[Field]:
    yield from ((name, share.count), (f"{name}_of", share.total), (f"{name}_share", share.share))
    yield from ((f"{name}_low", share.low), (f"{name}_high", share.high))


def _list_left(name: str, left: MoveLeft) -> Iterator[Field]:
    yield from ((f"{name}_n", left.n), (f"{name}_mean", left.mean))
    yield from ((f"{name}_low", left.low), (f"{name}_high", left.high))
    yield f"{name}_went_on", left.went_on.count
