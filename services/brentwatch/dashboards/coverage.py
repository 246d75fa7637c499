"""Every metric is on a board, in a rule, or in the list of those that are on neither, with the reason."""

from collections.abc import Iterable, Iterator

from brentwatch.core.errors import InvalidInput
from brentwatch.dashboards.documents import FoundQuery
from brentwatch.dashboards.expressions import list_selectors, parse_expression
from brentwatch.telemetry.definition import Metric
from brentwatch.telemetry.table import METRICS, PREFIX

_DETAIL = "a detail of a number that the boards show: asked for when that number is odd"
_COUNTED = "an account for an audit, which brentwatch alerts channels and export print"
_RARE = "nearly always 0, and the service logs each: asked for when somebody looks for the cause"

NOT_SHOWN = {
    "probes_cut_off_total": _RARE,
    "dead_letter_strangers_total": _RARE,
    "voided_records_total": _RARE,
    "state_disagreements_total": _RARE,
    "price_revisions_total": "among the outcomes of price_bars_total, which Health shows",
    "restore_duration_seconds": _DETAIL,
    "event_age_seconds": _DETAIL,
    "studies_total": "rises with each session and event: no value of it is good or bad",
    "alert_revisions_total": "rises with each alert: no value of it is good or bad",
    "provisional_oldest_session_timestamp_seconds": "brentwatch doctor names the session",
    "heads_ups_total": "limited by a budget: at most about one a week",
    "event_to_alert_seconds": "the wait for a test: days are normal",
    "window_close_to_alert_seconds": _DETAIL,
    "stage_lead_seconds": "few in a month: brentwatch replay prints it over years",
    "alerts_suppressed_total": _COUNTED,
    "deliveries": _COUNTED,
    "delivery_copies": _COUNTED,
    "notification_latency_seconds": "part of alert_latency_seconds, which Health shows",
    "answers_total": "Calibration shows what people answered, alert_feedback",
    "events_ingested_total": "read again by the screen as events_consumed_total, which Health shows",
    "reports_left_out_total": _DETAIL,
    "feed_kept_share": "the log warns where it leaves its usual bounds",
    "feed_fallbacks_total": _DETAIL,
    "price_fallbacks_total": _DETAIL,
    "price_bars_fetched_total": "read again by the monitor as price_bars_total, which Health shows",
    "price_bars_flagged_total": _DETAIL,
    "price_rejections_total": _DETAIL,
    "canaries_screened_total": _DETAIL,
}
"""Metric, without its prefix -> why no board and no rule asks for it."""

_OF_HISTOGRAM = ("_bucket", "_sum", "_count")


def check_coverage(queries: Iterable[FoundQuery]) -> Iterator[str]:
    """A sentence for each metric that nobody looks at, and for each that is listed without need."""
    asked = {name for query in queries for name in _list_names(query)}
    shown = {metric.name for metric in METRICS if not asked.isdisjoint(_name_series(metric))}
    for metric in METRICS:
        if metric.name not in shown and metric.name not in NOT_SHOWN:
            yield (
                f"{PREFIX}{metric.name} is on no board and in no rule; show it, or give the reason in "
                "NOT_SHOWN of dashboards/coverage.py"
            )
    for name in NOT_SHOWN:
        if name in shown or name not in {metric.name for metric in METRICS}:
            yield f"{name} is shown, or is no metric; take it out of NOT_SHOWN in dashboards/coverage.py"


def _name_series(metric: Metric) -> set[str]:
    name = PREFIX + metric.name
    return {name, *(name + suffix for suffix in _OF_HISTOGRAM)}


def _list_names(query: FoundQuery) -> set[str]:
    try:
        return {selector.name or "" for selector, _ in list_selectors(parse_expression(query.expr))}
    except InvalidInput:  # its own fault says so
        return set()
