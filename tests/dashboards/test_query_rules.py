"""Each rule of queries: what it finds, and what it lets pass."""

from __future__ import annotations

import pytest
from tests.dashboards.files import KNOWN

from brentwatch.dashboards.documents import FoundQuery, QueryUse
from brentwatch.dashboards.query_rules import check_query

COUNTER, GAUGE = "brentwatch_alerts_total", "brentwatch_outbox_pending"
HISTOGRAM = "brentwatch_event_age_seconds"


def check(expr: str, use: QueryUse = QueryUse.VALUE, added: frozenset[str] = frozenset()) -> list[str]:
    return check_query(FoundQuery(where="here", expr=expr, use=use, added=added), KNOWN)


@pytest.mark.parametrize(
    ("expr", "said"),
    [
        ("brentwatch_alert_total > 0", "there is no metric brentwatch_alert_total"),
        (f"rate({HISTOGRAM}[5m])", f"there is no metric {HISTOGRAM}"),
        (f'{GAUGE}{{chanel="slack"}}', "has no label chanel; it has job, instance, channel"),
        (
            f'increase({COUNTER}{{severity="loud"}}[1h])',
            "severity of brentwatch_alerts_total is never 'loud'",
        ),
        (f'increase({COUNTER}{{severity!="loud"}}[1h])', "is never 'loud'"),
        (f'increase({COUNTER}{{severity=~"high|loud"}}[1h])', "is never 'loud'"),
        (f'{GAUGE}{{job="monitor"}}', "job of brentwatch_outbox_pending is never 'monitor'"),
        (f'increase({HISTOGRAM}_bucket{{le="61.0"}}[1h])', "is never '61.0'"),
        (f'increase({HISTOGRAM}_count{{le="60.0"}}[1h])', "has no label le"),
        (f"sum by (chanel) ({GAUGE})", "has no label chanel"),
        (f"sum without (chanel) ({GAUGE})", "has no label chanel"),
        (f"{GAUGE} and on (topic) {GAUGE}", "has no label topic"),
        (f"{GAUGE} / ignoring (topic) {GAUGE}", "has no label topic"),
        (f"{GAUGE} * on (job, instance) group_left (versoin) brentwatch_build_info", "has no label versoin"),
        (f"rate({GAUGE}[5m])", "is a gauge; rate needs a counter"),
        (f"sum(increase({GAUGE}[5m]))", "is a gauge; increase needs a counter"),
        (f"delta({COUNTER}[5m])", "is a counter; delta needs a gauge"),
        ("rate(job_instrument:brentwatch_canary_slow:ratio_rate1h[5m])", "is a result of a recording rule"),
        (f"sum by (severity) ({COUNTER})", "is a counter; use increase or rate"),
        (f"{HISTOGRAM}_sum / {HISTOGRAM}_count", "is a counter; use increase or rate"),
        (f"rate({COUNTER}[59s])", "rate looks back 59 s; expected 60 s at least"),
        (f"max_over_time({GAUGE}[30s])", "max_over_time looks back 30 s"),
        (f"max_over_time(({GAUGE} > 1)[30s:5s])", "max_over_time looks back 30 s"),
        ("sum(", "no PromQL"),
    ],
)
def test_what_is_wrong_is_found(expr: str, said: str) -> None:
    faults = check(expr)
    assert any(said in fault for fault in faults), faults
    assert all(fault.startswith("here: ") for fault in faults)


@pytest.mark.parametrize(
    "expr",
    [
        f"sum by (severity) (increase({COUNTER}[24h]))",
        f"histogram_quantile(0.9, sum by (le) (rate({HISTOGRAM}_bucket[1m])))",
        f'increase({HISTOGRAM}_bucket{{le="60.0"}}[1h])',
        f'{GAUGE}{{channel="any", job="notify"}} > 0',
        f'increase({COUNTER}{{severity=~"high|critical"}}[1h])',
        "count(brentwatch_alerts_total)",
        'process_resident_memory_bytes{job=~"monitor|screen"}',
        'ALERTS{alertname="Down", whatever="x"}',
        'min(up{job="monitor"})',
    ],
)
def test_what_is_right_passes(expr: str) -> None:
    assert check(expr) == []


@pytest.mark.parametrize(
    ("expr", "keeps"),
    [
        (f"sum ({GAUGE}) > 0", False),
        (f"sum by (channel) ({GAUGE}) > 0", False),
        (f"max by (job) ({GAUGE}) and on (channel) {GAUGE}", True),
        (f"sum by (job, channel) ({GAUGE}) > 0", True),
        (f"{GAUGE} / on (channel) {GAUGE} > 0", False),
        ('absent(up{job="screen"})', True),
        ("absent(up)", False),
        ("vector(1)", True),
        ("max by (job) (brentwatch_canaries_sent_total) > 3", True),
    ],
)
def test_a_rule_keeps_the_label_job(expr: str, *, keeps: bool) -> None:
    faults = check(expr, QueryUse.RULE)
    assert any("the result has no label job" in fault for fault in faults) is not keeps
    if not keeps:
        assert check(expr, QueryUse.RULE, frozenset({"job"})) == []
