"""The board Health: does it work? The first row answers in six numbers; the others say where it does not."""

from brentwatch.dashboards.board import (
    Board,
    BoardPanel,
    ColourLimit,
    Graph,
    LargeNumbers,
    PanelQuery,
    Place,
    Show,
    Word,
)
from brentwatch.dashboards.vitals import VITALS
from brentwatch.telemetry.table import EVERY

_OURS = f'job=~"{"|".join(EVERY)}"'

_ANSWER = (
    "histogram_quantile(0.95, sum by (le, {by}) (increase(brentwatch_{name}_bucket[{over}]))) >= 0"  # not NaN
)

_SERVICES = (
    BoardPanel(
        title="Services",
        about="Whether Prometheus reaches each service. Down: at least one replica does not answer.",
        place=Place(0, 5, 13, 4),
        show=LargeNumbers(filled=True),
        queries=tuple(PanelQuery(expr=f'min(up{{job="{job}"}})', legend=job) for job in EVERY),
        unit="none",
        words=(Word(0, "Down", "red"), Word(1, "Up", "green")),
        limits=(ColourLimit(0, "red"), ColourLimit(1, "green")),
        empty="Nothing is scraped",
    ),
    BoardPanel(
        title="Channels",
        about="Down: the last attempts to send failed, and the channel is tried less often "
        "until one succeeds.",
        place=Place(13, 5, 6, 4),
        show=LargeNumbers(filled=True),
        queries=(PanelQuery(expr="max by (channel) (brentwatch_breaker_open)", legend="{{channel}}"),),
        unit="none",
        words=(Word(0, "Working", "green"), Word(1, "Down", "red")),
        limits=(ColourLimit(0, "green"), ColourLimit(1, "red")),
        empty="No channel",
    ),
    BoardPanel(
        title="Alerts about brentwatch",
        about="Alerts of Prometheus that fire now, the Watchdog aside. docs/runbook.md says what to do about "
        "each. No rules: Prometheus has not loaded those of deploy/prometheus/rules.",
        place=Place(19, 5, 5, 4),
        show=LargeNumbers(filled=True, named=False),
        queries=(
            PanelQuery(
                expr='count(ALERTS{alertstate="firing", alertname!="Watchdog"})'
                ' or (0 * count(ALERTS{alertname="Watchdog"}))',
                legend="firing",
            ),
        ),
        unit="short",
        decimals=0,
        limits=(ColourLimit(0, "green"), ColourLimit(1, "red")),
        empty="No rules",
    ),
)


def _build_third(
    at: tuple[int, int], title: str, about: str, unit: str, *queries: PanelQuery, empty: str = "No data"
) -> BoardPanel:
    """A graph of a third of the width, at (column of three, row)."""
    show: Show = Graph()
    place = Place(8 * at[0], 9 + 7 * at[1], 8, 7)
    return BoardPanel(
        title=title,
        about=about,
        place=place,
        show=show,
        queries=queries,
        unit=unit,
        empty=empty,
        zero_based=True,
    )


_FLOW = (
    _build_third(
        (0, 0),
        "Records waiting to be read",
        "Lag in records, by service. It returns to 0 when a service keeps up.",
        "short",
        PanelQuery(expr="sum by (job) (brentwatch_consumer_lag_records)", legend="{{job}}"),
    ),
    _build_third(
        (1, 0),
        "Records read",
        "Records that each service reads from Kafka per second.",
        "cps",
        PanelQuery(
            expr="sum by (job) (rate(brentwatch_records_consumed_total[$__rate_interval]))", legend="{{job}}"
        ),
    ),
    _build_third(
        (2, 0),
        "Kafka transactions",
        "Transactions per second. Failed ones are repeated. Fenced: another process has taken over.",
        "cps",
        PanelQuery(
            expr='sum by (job) (rate(brentwatch_transactions_total{outcome="committed"}[$__rate_interval]))',
            legend="{{job}}: committed",
        ),
        PanelQuery(
            expr='sum(rate(brentwatch_transactions_total{outcome=~"failed|fenced"}[$__rate_interval]))',
            legend="failed or fenced",
        ),
    ),
)

_LATENCIES = (
    _build_third(
        (0, 1),
        "Time of a batch, by stage",
        "95 of 100 batches of the last 10 minutes took at most so long. handle works out the answers, "
        "deliver writes them to Kafka.",
        "s",
        PanelQuery(
            expr=_ANSWER.format(by="job, stage", name="stage_duration_seconds", over="10m"),
            legend="{{job}}: {{stage}}",
        ),
        empty="No record was read",
    ),
    _build_third(
        (1, 1),
        "Time from known to accepted, by channel",
        "From the moment at which an alert could be known to its acceptance by a channel: at most so long "
        "for 95 of 100 alerts of the last 24 hours. The scale ends at six hours.",
        "s",
        PanelQuery(
            expr=_ANSWER.format(by="channel", name="alert_latency_seconds", over="24h"), legend="{{channel}}"
        ),
        empty="No alert in 24 hours",
    ),
    _build_third(
        (2, 1),
        "Time until a canary is answered",
        "From sending a test record until the notifier has read its answer: at most so long for 95 of 100 "
        "within the last hour.",
        "s",
        PanelQuery(
            expr=_ANSWER.format(by="instrument", name="canary_answer_seconds", over="1h"),
            legend="{{instrument}}",
        ),
        empty="No canary in 1 hour",
    ),
)

_OUTSIDE = (
    _build_third(
        (0, 2),
        "Attempts to send in 1 hour, by channel and result",
        "Results that occurred within the last hour. accepted is good; every other result is the reason of a "
        "failure.",
        "short",
        PanelQuery(
            expr="sum by (channel, class) (increase(brentwatch_notification_attempts_total[1h])) > 0",
            legend="{{channel}}: {{class}}",
        ),
        empty="No attempt in 1 hour",
    ),
    _build_third(
        (1, 2),
        "Price requests in 1 hour, by provider and result",
        "Results that occurred within the last hour. answered is good; every other result is the reason of a "
        "failure.",
        "short",
        PanelQuery(
            expr="sum by (provider, outcome) (increase(brentwatch_price_fetches_total[1h])) > 0",
            legend="{{provider}}: {{outcome}}",
        ),
        empty="No request in 1 hour",
    ),
    _build_third(
        (2, 2),
        "Feed requests that failed in 1 hour, by feed",
        "0 is good. `brentwatch_feed_failures_total` has the reasons.",
        "short",
        PanelQuery(expr="sum by (feed) (increase(brentwatch_feed_failures_total[1h]))", legend="{{feed}}"),
        empty="No feed",
    ),
)

_PROCESSES = (
    _build_third(
        (0, 3),
        "Memory",
        "Resident memory of each service: that of the largest process.",
        "decbytes",
        PanelQuery(expr=f"max by (job) (process_resident_memory_bytes{{{_OURS}}})", legend="{{job}}"),
    ),
    _build_third(
        (1, 3),
        "Processor",
        "Processors in use by each service: 1 is one processor all the time.",
        "suffix:CPUs",
        PanelQuery(
            expr=f"sum by (job) (rate(process_cpu_seconds_total{{{_OURS}}}[$__rate_interval]))",
            legend="{{job}}",
        ),
    ),
    _build_third(
        (2, 3),
        "Failures of Kafka in 1 hour",
        "Times that a service lost Kafka and connected again, and times that partitions changed hands.",
        "short",
        PanelQuery(expr="sum(increase(brentwatch_broker_failures_total[1h]))", legend="failures"),
        PanelQuery(expr="sum(increase(brentwatch_rebalances_total[1h]))", legend="rebalances"),
    ),
)

_CONTENT = (
    _build_third(
        (0, 4),
        "Events in 1 hour, by service and outcome",
        "What the screen did with the events that it read, and the monitor with those that it admitted. Only "
        "outcomes that occurred.",
        "short",
        PanelQuery(
            expr="sum by (job, outcome) (increase(brentwatch_events_consumed_total[1h])) > 0",
            legend="{{job}}: {{outcome}}",
        ),
        empty="No event in 1 hour",
    ),
    _build_third(
        (1, 4),
        "Price bars in 1 hour, by outcome",
        "What the monitor did with the price bars that it read. Only outcomes that occurred.",
        "short",
        PanelQuery(
            expr="sum by (outcome) (increase(brentwatch_price_bars_total[1h])) > 0", legend="{{outcome}}"
        ),
        empty="No price bar in 1 hour",
    ),
    BoardPanel(
        title="Versions",
        about="How many processes run each version of brentwatch: more than one version only while you "
        "upgrade.",
        place=Place(16, 37, 8, 7),
        show=LargeNumbers(),
        queries=(
            PanelQuery(expr="count by (version) (brentwatch_build_info)", legend="version {{version}}"),
        ),
        unit="short",
        decimals=0,
        empty="No service",
    ),
)

HEALTH = Board(
    name="health",
    title="Brentwatch: health",
    about="Does it work? The first row answers in six numbers; the rows below say where it does not.",
    span="6h",
    panels=(*VITALS, *_SERVICES, *_FLOW, *_LATENCIES, *_OUTSIDE, *_PROCESSES, *_CONTENT),
)
