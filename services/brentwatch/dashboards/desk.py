"""The board Desk, for traders: what happened, what Brent did after it, and what was alerted."""

from brentwatch.core.domain import WINDOWS, Severity
from brentwatch.dashboards.board import (
    Bars,
    Board,
    BoardPanel,
    ColourLimit,
    Graph,
    LargeNumbers,
    Listing,
    Mark,
    PanelQuery,
    Place,
    Word,
)

_CHOSEN = 'instrument=~"$instrument"'
_EVENT = "event_id, event_class, country, session, instrument"
_INFO = f"brentwatch_active_event_info{{{_CHOSEN}}}"
_FIRST, _, _LAST = map(str, WINDOWS)
_BLUE = ColourLimit(0, "blue")
_ORANGE, _RED = (_BLUE, ColourLimit(1, "orange")), (_BLUE, ColourLimit(1, "red"))


def _follow(metric: str, window: str = _FIRST) -> str:
    """A figure of each active event with what is known of the event: they share a slot of one process."""
    value = f'brentwatch_active_event_{metric}{{window="{window}"}}'
    return f"{value} * on (job, instance, slot) group_left ({_EVENT}) {_INFO}"


def _list_by_event(expr: str) -> str:
    return f"max by ({_EVENT}) ({expr})"


_NUMBERS = (
    BoardPanel(
        title="Brent, newest close",
        about="Price of the newest daily bar that the monitor has read. Missing if the licence of the prices "
        "allows only derived figures (price_levels).",
        place=Place(0, 0, 6, 4),
        show=LargeNumbers(),
        queries=(
            PanelQuery(
                expr=f"max by (instrument) (brentwatch_price_last_close_usd_per_barrel{{{_CHOSEN}}})",
                legend="{{instrument}}",
            ),
        ),
        unit="suffix:USD/bbl",
        decimals=2,
        empty="No price shown",
    ),
    BoardPanel(
        title="Market",
        about="Whether the market trades now, by the calendar of the instrument. Missing for an instrument "
        "whose calendar has no trading hours, such as brent-spot.",
        place=Place(6, 0, 4, 4),
        show=LargeNumbers(),
        queries=(
            PanelQuery(
                expr=f"max by (instrument) (brentwatch_market_open{{{_CHOSEN}}})", legend="{{instrument}}"
            ),
        ),
        unit="none",
        words=(Word(0, "Closed", "blue"), Word(1, "Open", "green")),
        empty="No trading hours",
    ),
    BoardPanel(
        title="Alerts in 24 hours",
        about="Alerts that were opened within the last 24 hours, of all severities and both directions.",
        place=Place(10, 0, 4, 4),
        show=LargeNumbers(),
        queries=(PanelQuery(expr="round(sum(increase(brentwatch_alerts_total[24h])))", legend="alerts"),),
        unit="short",
        decimals=0,
        limits=(ColourLimit(0, "text"), ColourLimit(1, "orange")),
        empty="No monitor",
    ),
    BoardPanel(
        title="Events followed",
        about="Events of an expected session or of the last six sessions: those in the list below.",
        place=Place(14, 0, 4, 4),
        show=LargeNumbers(),
        queries=(PanelQuery(expr=f"count({_INFO})", legend="events"),),
        unit="short",
        decimals=0,
        empty="None",
    ),
    BoardPanel(
        title="Next price is fetched in",
        about="Time until the price service asks for prices again. A test follows when a new settlement "
        "price is there. 0 means now.",
        place=Place(18, 0, 6, 4),
        show=LargeNumbers(),
        queries=(
            PanelQuery(
                expr="clamp_min(min by (series) (brentwatch_price_next_look_timestamp_seconds) - time(), 0)",
                legend="{{series}}",
            ),
        ),
        unit="s",
        decimals=0,
        empty="No price service",
    ),
)

_EVENTS = BoardPanel(
    title="Events, and the abnormal move of Brent after each",
    about="Abnormal move: what the price did, less what was expected. Moves within the normal range happen "
    "in 95 of 100 sessions. The p-value is the share of normal sessions with a move of this size: only the "
    "session of the event is tested for an alert. Waiting: the session has not settled yet.",
    place=Place(0, 4, 24, 8),
    show=Listing(
        labels={
            "session": "Session",
            "event_class": "What",
            "country": "Country",
            "instrument": "Instrument",
            "event_id": "Event",
        }
    ),
    queries=(
        PanelQuery(expr=_list_by_event(_INFO)),
        PanelQuery(expr=_list_by_event(_follow("car_ratio")), legend="Abnormal move", unit="percentunit"),
        PanelQuery(
            expr=_list_by_event(_follow("normal_range_ratio")), legend="Normal range ±", unit="percentunit"
        ),
        PanelQuery(expr=_list_by_event(_follow("p_value")), legend="p-value", unit="none"),
        PanelQuery(
            expr=_list_by_event(_follow("car_ratio", _LAST)),
            legend="With five more sessions",
            unit="percentunit",
        ),
    ),
    unit="none",
    empty="waiting",
)

_BELOW = (
    BoardPanel(
        title="Brent, with a mark at each alert",
        about="Newest daily close, by the time at which it was read. A mark is a minute in which the monitor "
        "opened an alert.",
        place=Place(0, 12, 16, 9),
        show=Graph(),
        queries=(
            PanelQuery(
                expr=f"max by (instrument) (brentwatch_price_last_close_usd_per_barrel{{{_CHOSEN}}})",
                legend="{{instrument}}",
            ),
        ),
        unit="suffix:USD/bbl",
        decimals=2,
        empty="No price shown",
    ),
    BoardPanel(
        title="Alerts in 24 hours, by severity",
        about="Alerts that were opened within the last 24 hours, by their first severity. Info is a move "
        "without a known event.",
        place=Place(16, 12, 8, 9),
        show=Bars(),
        queries=tuple(
            PanelQuery(
                expr=f'round(sum(increase(brentwatch_alerts_total{{severity="{severity}"}}[24h])))',
                legend=severity,
                limits=_RED if severity is Severity.CRITICAL else _ORANGE,
            )
            for severity in reversed(Severity)
        ),
        unit="short",
        decimals=0,
        empty="No monitor",
        zero_based=True,
    ),
    BoardPanel(
        title="Abnormal move after each event",
        about="How the abnormal move of the session of each event was judged over time: a price correction "
        "changes it.",
        place=Place(0, 21, 12, 9),
        show=Graph(),
        queries=(PanelQuery(expr=f"max by (event_id) ({_follow('car_ratio')})", legend="{{event_id}}"),),
        unit="percentunit",
        decimals=1,
        empty="No session has settled",
    ),
    BoardPanel(
        title="Size of each move, as a share of its normal range",
        about="100 % is the edge of the normal range, which 95 of 100 sessions do not pass.",
        place=Place(12, 21, 12, 9),
        show=Bars(),
        queries=(
            PanelQuery(
                expr=f"sort_desc(max by (event_id) (abs({_follow('car_ratio')}))"
                f" / max by (event_id) ({_follow('normal_range_ratio')}))",
                legend="{{event_id}}",
            ),
        ),
        unit="percentunit",
        decimals=0,
        limits=_RED,
        empty="No session has settled",
        zero_based=True,
    ),
)

DESK = Board(
    name="desk",
    title="Brentwatch: desk",
    about="What happened, what Brent did after it, and what was alerted. An abnormal move after an event is "
    "not proof that the event caused it.",
    span="7d",
    panels=(*_NUMBERS, _EVENTS, *_BELOW),
    marks=(
        Mark(
            name="Alerts",
            expr="sum by (severity, direction) (increase(brentwatch_alerts_total[5m])) > 0",
            step="1m",
            text="{{severity}} alert: abnormal move {{direction}}",
            on=("Brent, with a mark at each alert",),
        ),
    ),
    choices={"instrument": "brentwatch_price_last_bar_timestamp_seconds"},
)
