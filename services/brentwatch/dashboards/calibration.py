"""The dashboard Calibration, for people responsible for the tests: is the false-alarm rate as expected?"""

from collections.abc import Iterable

from brentwatch.core.domain import Severity
from brentwatch.dashboards.board import (
    Bars,
    Board,
    BoardPanel,
    ColourLimit,
    Graph,
    Histogram,
    LargeNumbers,
    PanelQuery,
    Place,
)
from brentwatch.telemetry.table import P_VALUE

_TENTHS = tuple(bound for bound in P_VALUE.buckets if round(10 * bound, 6).is_integer())
_P_VALUE = "brentwatch_p_value"
_TESTED = f"sum(increase({_P_VALUE}_count[$__range]))"
_WEEKS_A_YEAR = 365.25 / 7
_COLUMN = "range"


def _count_below(bound: float) -> str:
    return f'sum(increase({_P_VALUE}_bucket{{le="{bound}"}}[$__range]))'


def _name_bins(exprs: Iterable[str]) -> str:
    """One expression for all bins, each with its range as a label."""
    lower = (0.0, *_TENTHS)
    named = (
        f'label_replace({expr}, "{_COLUMN}", "{low:.1f} to {high:.1f}", "", "")'
        for expr, low, high in zip(exprs, lower, _TENTHS, strict=False)
    )
    return " or ".join(named)


_FIRST, *_REST = map(_count_below, _TENTHS)
_BELOW = (_FIRST, *_REST)
_COUNTS = (_FIRST, *(f"({high} - {low})" for low, high in zip(_BELOW, _REST, strict=False)))
_OBSERVED = _name_bins(f"{count} / ({_TESTED} > 0)" for count in _COUNTS)
_FLAT = _name_bins(f"vector({1 / len(_TENTHS):g})" for _ in _TENTHS)

CALIBRATION = Board(
    name="calibration",
    title="Brentwatch: calibration",
    about="Is the false-alarm rate as expected, and are alerts useful? Counts begin when the monitor "
    "starts: look over months.",
    span="90d",
    panels=(
        BoardPanel(
            title="Sessions tested",
            about="Trading sessions whose move was tested within the time range of the board.",
            place=Place(0, 0, 6, 4),
            show=LargeNumbers(named=False),
            queries=(
                PanelQuery(
                    expr='round(sum(increase(brentwatch_sessions_tested_total{outcome="tested"}[$__range])))',
                    legend="sessions",
                ),
            ),
            unit="short",
            decimals=0,
            empty="No monitor",
        ),
        BoardPanel(
            title="Sessions at the alert level",
            about="Share of tested sessions with a p-value of at most 0.01. If only noise is tested, 1 % is "
            "expected; a few dozen sessions say little.",
            place=Place(6, 0, 6, 4),
            show=LargeNumbers(named=False),
            queries=(PanelQuery(expr=f"{_count_below(0.01)} / ({_TESTED} > 0)", legend="share"),),
            unit="percentunit",
            decimals=1,
            empty="None tested",
        ),
        BoardPanel(
            title="False alarms expected",
            about="Upper bound of the false alarms that the alert levels imply, summed over the instruments.",
            place=Place(12, 0, 6, 4),
            show=LargeNumbers(named=False),
            queries=(
                PanelQuery(
                    expr=f"sum(max by (instrument) (brentwatch_false_alarms_a_year)) / {_WEEKS_A_YEAR:.3f}",
                    legend="expected",
                ),
            ),
            unit="suffix:a week",
            decimals=2,
            empty="No monitor",
        ),
        BoardPanel(
            title="Moves without a known event",
            about="Alerts that were opened without a known event, within the time range of the board.",
            place=Place(18, 0, 6, 4),
            show=LargeNumbers(named=False),
            queries=(
                PanelQuery(
                    expr="round(sum(increase(brentwatch_unexplained_moves_total[$__range])))", legend="alerts"
                ),
            ),
            unit="short",
            decimals=0,
            empty="No monitor",
        ),
        BoardPanel(
            title="p-values of all tested sessions, beside the flat line",
            about="If only noise is tested, each tenth holds 10 % of the sessions. A high first bar means "
            "real moves, or a model that takes too many moves for rare.",
            place=Place(0, 4, 14, 10),
            show=Histogram(label=_COLUMN, title="p-value"),
            queries=(
                PanelQuery(expr=_OBSERVED, legend="Observed"),
                PanelQuery(expr=_FLAT, legend="If only noise is tested"),
            ),
            unit="percentunit",
            decimals=0,
            empty="No session was tested",
        ),
        BoardPanel(
            title="How people judged the alerts",
            about="Answers of people since the installation began, by severity; the last answer of each "
            "person about an alert counts.",
            place=Place(14, 4, 10, 10),
            show=Bars(),
            queries=tuple(
                PanelQuery(
                    expr=f'max(brentwatch_alert_feedback{{severity="{severity}", answer="{answer}"}})',
                    legend=f"{severity}: {answer.replace('_', ' ')}",
                )
                for severity in reversed(Severity)
                for answer in ("useful", "false_alarm")
            ),
            unit="short",
            decimals=0,
            limits=(ColourLimit(0, "blue"),),
            empty="No notifier",
            zero_based=True,
        ),
        BoardPanel(
            title="Alerts in 7 days, beside the false alarms expected in 7 days",
            about="Above the dashed line there are more alerts than chance implies. Counts vary: judge "
            "over months.",
            place=Place(0, 14, 14, 9),
            show=Graph(dashed=("expected if only noise",)),
            queries=(
                PanelQuery(expr="sum(increase(brentwatch_alerts_total[7d]))", legend="alerts"),
                PanelQuery(
                    expr=f"sum(max by (instrument) (brentwatch_false_alarms_a_year)) / {_WEEKS_A_YEAR:.3f}",
                    legend="expected if only noise",
                ),
            ),
            unit="short",
            decimals=1,
            empty="No monitor",
            zero_based=True,
        ),
        BoardPanel(
            title="Sessions by outcome",
            about="Within the time range of the board. refused: the session cannot be tested, such as the "
            "day on which a contract expires. missing: it has no price.",
            place=Place(14, 14, 10, 9),
            show=Bars(),
            queries=(
                PanelQuery(
                    expr="round(sum by (outcome) (increase(brentwatch_sessions_tested_total[$__range])))",
                    legend="{{outcome}}",
                ),
            ),
            unit="short",
            decimals=0,
            limits=(ColourLimit(0, "blue"),),
            empty="No monitor",
            zero_based=True,
        ),
        BoardPanel(
            title="Largest evidence of a story",
            about="Of the stories that are followed, as odds to 1. A story without effect reaches 100 in at "
            "most 1 of 100 cases. 1 if no story is followed.",
            place=Place(0, 23, 14, 8),
            show=Graph(),
            queries=(
                PanelQuery(
                    expr="max by (instrument) (brentwatch_story_evidence)",
                    legend="{{instrument}}",
                ),
            ),
            unit="short",
            decimals=1,
            empty="No monitor",
        ),
        BoardPanel(
            title="Stories followed",
            about="At most three for each instrument.",
            place=Place(14, 23, 10, 8),
            show=Graph(),
            queries=(
                PanelQuery(
                    expr="max by (instrument) (brentwatch_stories_followed)",
                    legend="{{instrument}}",
                ),
            ),
            unit="short",
            decimals=0,
            empty="No monitor",
            zero_based=True,
        ),
    ),
)
