"""Every metric in one table: its name, help, labels, and the services that fill it.

Names are in base units, counters end in `_total`, moments are timestamps and not ages. A label whose values
are known in advance is created at 0, so that a rule can tell "none" from "not there". An event id is never a
label.
"""

from dataclasses import dataclass
from enum import Enum

from brentwatch.core import domain
from brentwatch.core.domain import bars
from brentwatch.core.forecasts.table import MODELS
from brentwatch.core.intraday.minutes import INTRADAY_MODEL
from brentwatch.web.failures import INTERNAL, UNUSABLE, Reason
from brentwatch.wire.input_faults import DeadLetterReason

PREFIX = "brentwatch_"

SCREEN = "screen"
MONITOR = "monitor"
NOTIFY = "notify"
INGEST = "ingest"
PRICES = "prices"
CONSUMERS = (SCREEN, MONITOR, NOTIFY)
"""Those that read a topic as a group."""

EVERY = (INGEST, *CONSUMERS, PRICES)


class Kind(Enum):
    """How a metric moves."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


@dataclass(frozen=True, slots=True)
class Label:
    """A label and, where they are known in advance, all its values."""

    name: str
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One metric; `name` goes without the prefix, `buckets` are the upper bounds of a histogram."""

    name: str
    help: str
    kind: Kind
    labels: tuple[Label, ...] = ()
    services: tuple[str, ...] = EVERY
    buckets: tuple[float, ...] = ()


_TOPIC = Label("topic")
_SERIES = Label("series")
_INSTRUMENT = Label("instrument")
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)

BUILD_INFO = Metric(
    name="build_info",
    help="Always 1; which version runs, on which Python.",
    kind=Kind.GAUGE,
    labels=(Label("version"), Label("python")),
)
CONSUMER_LAG = Metric(
    name="consumer_lag_records",
    help="Records of a partition that wait to be read.",
    kind=Kind.GAUGE,
    labels=(_TOPIC, Label("partition")),
    services=CONSUMERS,
)
CONSUMER_LAST_POLL = Metric(
    name="consumer_last_poll_timestamp_seconds",
    help="When the loop last came round, in seconds since 1970.",
    kind=Kind.GAUGE,
    services=CONSUMERS,
)
RECORDS_CONSUMED = Metric(
    name="records_consumed_total",
    help="Records that the loop has taken in.",
    kind=Kind.COUNTER,
    services=CONSUMERS,
)
REBALANCES = Metric(
    name="rebalances_total",
    help="How often partitions came or went.",
    kind=Kind.COUNTER,
    services=CONSUMERS,
)
PROBES_CUT_OFF = Metric(
    name="probes_cut_off_total",
    help="Connections to the port of metrics and health that were closed: too slow, or too many at once.",
    kind=Kind.COUNTER,
)
BROKER_FAILURES = Metric(
    name="broker_failures_total",
    help="How often Kafka, or a channel, failed, so that the clients were closed and built anew.",
    kind=Kind.COUNTER,
)
DEAD_LETTERS = Metric(
    name="dead_letters_total",
    help="Messages that could not be read, by the topic they stood in and why.",
    kind=Kind.COUNTER,
    labels=(_TOPIC, Label("reason", (*DeadLetterReason, "corrupt"))),
    services=CONSUMERS,
)
DEAD_LETTER_LIMIT_REACHED = Metric(
    name="dead_letter_limit_reached",
    help="1 while the dead-letter limit is reached: the service is degraded or, by its settings, waits.",
    kind=Kind.GAUGE,
    services=(SCREEN,),
)
DEAD_LETTER_STRANGERS = Metric(
    name="dead_letter_strangers_total",
    help="Records on the dead-letter topic that are no letters; counted where the limit's action is stop.",
    kind=Kind.COUNTER,
    services=(SCREEN,),
)
EVENTS_CONSUMED = Metric(
    name="events_consumed_total",
    help="Events by what became of them.",
    kind=Kind.COUNTER,
    labels=(Label("outcome", (*domain.EventOutcome, "filtered", "invalid")),),
    services=(SCREEN, MONITOR),
)
RECORDS_VOIDED = Metric(
    name="voided_records_total",
    help="Records of the timeline that were passed over, since the operator voided them.",
    kind=Kind.COUNTER,
    labels=(_INSTRUMENT,),
    services=(MONITOR,),
)
RESTORE_DURATION = Metric(
    name="restore_duration_seconds",
    help="How long it took to bring the state of a partition back.",
    kind=Kind.HISTOGRAM,
    services=(MONITOR, NOTIFY),
    buckets=(0.1, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 300.0),
)
PRICE_BARS = Metric(
    name="price_bars_total",
    help="Bars on the timeline by what became of them.",
    kind=Kind.COUNTER,
    labels=(_INSTRUMENT, Label("outcome", tuple(domain.BarOutcome))),
    services=(MONITOR,),
)
PRICE_REVISIONS = Metric(
    name="price_revisions_total",
    help="Bars that came again with another price.",
    kind=Kind.COUNTER,
    labels=(_INSTRUMENT,),
    services=(MONITOR,),
)
PRICE_LAST_BAR = Metric(
    name="price_last_bar_timestamp_seconds",
    help="When the newest bar closed, in seconds since 1970.",
    kind=Kind.GAUGE,
    labels=(_INSTRUMENT,),
    services=(MONITOR,),
)
SESSIONS_TESTED = Metric(
    name="sessions_tested_total",
    help="Sessions by what became of their test.",
    kind=Kind.COUNTER,
    labels=(_SERIES, Label("outcome", tuple(domain.SessionOutcome))),
    services=(MONITOR,),
)
P_VALUE = Metric(
    name="p_value",
    help="The p-value of every tested session: flat where nothing but noise is tested.",
    kind=Kind.HISTOGRAM,
    labels=(_SERIES,),
    services=(MONITOR,),
    buckets=(0.001, 0.003, 0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0),
)
INTRADAY_SESSIONS = Metric(
    name="intraday_sessions",
    help="Whole sessions of bars of five minutes: tested from 40 on, flagged below 120.",
    kind=Kind.GAUGE,
    labels=(_INSTRUMENT,),
    services=(MONITOR,),
)
FALSE_ALARMS = Metric(
    name="false_alarms_a_year",
    help="Alerts a year where nothing but noise is tested, at most: what the alert levels imply.",
    kind=Kind.GAUGE,
    labels=(_INSTRUMENT,),
    services=(MONITOR,),
)
STUDIES = Metric(
    name="studies_total",
    help="Revisions of studies that were published.",
    kind=Kind.COUNTER,
    labels=(Label("model", (*MODELS, INTRADAY_MODEL)), Label("outcome", ("found", "pending", "refused"))),
    services=(MONITOR,),
)
ALERTS = Metric(
    name="alerts_total",
    help="Alerts that were opened, by the severity they opened with.",
    kind=Kind.COUNTER,
    labels=(Label("severity", tuple(domain.Severity)), Label("direction", tuple(domain.Direction))),
    services=(MONITOR,),
)
ALERT_REVISIONS = Metric(
    name="alert_revisions_total",
    help="Revisions of alerts that were published, the first among them, by what brought them.",
    kind=Kind.COUNTER,
    labels=(Label("cause", tuple(domain.Cause)),),
    services=(MONITOR,),
)
UNEXPLAINED_MOVES = Metric(
    name="unexplained_moves_total",
    help="Alerts that were opened without a known event.",
    kind=Kind.COUNTER,
    services=(MONITOR,),
)
ALERTS_SUPPRESSED = Metric(
    name="alerts_suppressed_total",
    help="Revisions of alerts that were not sent to the channels, and why.",
    kind=Kind.COUNTER,
    labels=(
        Label(
            "reason",
            (
                *("repeat", "fallback_only", "below_severity", "stage", "country", "class"),
                *("unchanged", "minor", "rebuilt"),
            ),
        ),
    ),
    services=(NOTIFY,),
)
_CHANNEL = Label("channel")
_ENDS = ("accepted", "failed", "superseded", "digested")
NOTIFICATIONS = Metric(
    name="notifications_total",
    help="Deliveries to a channel that ended since the process began, by how.",
    kind=Kind.COUNTER,
    labels=(_CHANNEL, Label("outcome", _ENDS)),
    services=(NOTIFY,),
)
DELIVERIES = Metric(
    name="deliveries",
    help="Deliveries to a channel since the topic of deliveries began, by state.",
    kind=Kind.GAUGE,
    labels=(_CHANNEL, Label("state", ("pending", *_ENDS))),
    services=(NOTIFY,),
)
DELIVERY_COPIES = Metric(
    name="delivery_copies",
    help="Deliveries that a channel accepted a second time, since the topic of deliveries began.",
    kind=Kind.GAUGE,
    labels=(_CHANNEL,),
    services=(NOTIFY,),
)
OUTBOX_PENDING = Metric(
    name="outbox_pending",
    help="Deliveries to a channel that have not ended.",
    kind=Kind.GAUGE,
    labels=(_CHANNEL,),
    services=(NOTIFY,),
)
OUTBOX_OLDEST = Metric(
    name="outbox_oldest_pending_timestamp_seconds",
    help="When the oldest delivery was recorded that has not ended; now where there is none.",
    kind=Kind.GAUGE,
    labels=(_CHANNEL,),
    services=(NOTIFY,),
)
NOTIFICATION_ATTEMPTS = Metric(
    name="notification_attempts_total",
    help="Attempts to send to a channel, by the class of their outcome.",
    kind=Kind.COUNTER,
    labels=(
        _CHANNEL,
        Label(
            "class",
            (
                *("accepted", "superseded", "seen", "deadline", "rejected", "unavailable", "internal"),
                *("unreachable", "timeout", "refused", "missing", "delisted", "throttled", "failed"),
                *("redirected", "certificate", "too_large", "garbled", "empty"),
            ),
        ),
    ),
    services=(NOTIFY,),
)
NOTIFICATION_LATENCY = Metric(
    name="notification_latency_seconds",
    help="From the record of a delivery to its acceptance by the channel.",
    kind=Kind.HISTOGRAM,
    labels=(_CHANNEL,),
    services=(NOTIFY,),
    buckets=(0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 3600.0),
)
BREAKER_OPEN = Metric(
    name="breaker_open",
    help="1 while a channel has failed so often in a row that it counts as down.",
    kind=Kind.GAUGE,
    labels=(_CHANNEL,),
    services=(NOTIFY,),
)
ANSWERS = Metric(
    name="answers_total",
    help="What people answered in a chat, by what became of it.",
    kind=Kind.COUNTER,
    labels=(_CHANNEL, Label("outcome", ("accepted", "unknown", "unreadable", "failed"))),
    services=(NOTIFY,),
)
STATE_DISAGREEMENTS = Metric(
    name="state_disagreements_total",
    help="How often the saved state and the offset of the group did not belong together.",
    kind=Kind.COUNTER,
    services=(NOTIFY,),
)
_FEED = Label("feed")
EVENTS_INGESTED = Metric(
    name="events_ingested_total",
    help="Revisions of events that a feed gave and that were written.",
    kind=Kind.COUNTER,
    labels=(_FEED, Label("status", tuple(domain.Status))),
    services=(INGEST,),
)
REPORTS_LEFT_OUT = Metric(
    name="reports_left_out_total",
    help="What a feed gave and no event was made of, and why.",
    kind=Kind.COUNTER,
    labels=(
        _FEED,
        Label(
            "reason",
            (
                "unreadable",  # a row that is not as the feed's own layout says
                "class",  # no unrest, by the feed's own code
                "old",  # it happened more than `oldest_days` before it became known
                "future",  # it speaks of a day that is still to come
                "nowhere",  # no country, or one that has no ISO code
                "known",  # the topic holds it already
                "unknown",  # a deletion of what the topic does not hold
                "file",  # a whole file that cannot be had any more, or cannot be read
                INTERNAL,
            ),
        ),
    ),
    services=(INGEST,),
)
FEED_FAILURES = Metric(
    name="feed_failures_total",
    help="How often a feed gave nothing, and why.",
    kind=Kind.COUNTER,
    labels=(
        _FEED,
        Label("reason", (*Reason, UNUSABLE, INTERNAL)),
    ),
    services=(INGEST,),
)
FEED_NEWEST = Metric(
    name="feed_newest_known_at_timestamp_seconds",
    help="The newest known_at of what a feed has written, in seconds since 1970; time() tells how old it is.",
    kind=Kind.GAUGE,
    labels=(_FEED,),
    services=(INGEST,),
)
FEED_FALLBACKS = Metric(
    name="feed_fallbacks_total",
    help="How often another address stood in for the first one of a feed.",
    kind=Kind.COUNTER,
    labels=(_FEED,),
    services=(INGEST,),
)
FEED_LAST_SUCCESS = Metric(
    name="feed_last_success_timestamp_seconds",
    help="When a feed was last asked and answered, in seconds since 1970.",
    kind=Kind.GAUGE,
    labels=(_FEED,),
    services=(INGEST,),
)

PRICE_FETCHES = Metric(
    name="price_fetches_total",
    help="Answers of price providers: prices, or why there were none.",
    kind=Kind.COUNTER,
    labels=(Label("provider"), Label("outcome", ("answered", *Reason, UNUSABLE, INTERNAL))),
    services=(PRICES,),
)
PRICE_FALLBACKS = Metric(
    name="price_fallbacks_total",
    help="How often a provider stood in for those before it.",
    kind=Kind.COUNTER,
    labels=(_SERIES, Label("provider")),
    services=(PRICES,),
)
PRICE_BARS_FETCHED = Metric(
    name="price_bars_fetched_total",
    help="Bars that were news, by what became of them; a disagreement of two providers is not written.",
    kind=Kind.COUNTER,
    labels=(
        _SERIES,
        Label("kind", bars.KINDS),
    ),
    services=(PRICES,),
)
PRICE_FLAGS = Metric(
    name="price_bars_flagged_total",
    help="Bars that were written with something unusual about them.",
    kind=Kind.COUNTER,
    labels=(
        _SERIES,
        Label("flag", bars.FLAGS),
    ),
    services=(PRICES,),
)
PRICE_REJECTIONS = Metric(
    name="price_rejections_total",
    help="Rows of an answer, records of the timeline and polls of a series that were rejected, by reason.",
    kind=Kind.COUNTER,
    labels=(_SERIES, Label("reason", (UNUSABLE, INTERNAL, bars.NO_SESSION))),
    services=(PRICES,),
)
PRICE_NEXT_LOOK = Metric(
    name="price_next_look_timestamp_seconds",
    help="When a series is looked at next, in seconds since 1970.",
    kind=Kind.GAUGE,
    labels=(_SERIES,),
    services=(PRICES,),
)

METRICS = (
    BUILD_INFO,
    CONSUMER_LAG,
    CONSUMER_LAST_POLL,
    RECORDS_CONSUMED,
    REBALANCES,
    PROBES_CUT_OFF,
    BROKER_FAILURES,
    DEAD_LETTERS,
    DEAD_LETTER_LIMIT_REACHED,
    DEAD_LETTER_STRANGERS,
    EVENTS_CONSUMED,
    RECORDS_VOIDED,
    RESTORE_DURATION,
    PRICE_BARS,
    PRICE_REVISIONS,
    PRICE_LAST_BAR,
    SESSIONS_TESTED,
    P_VALUE,
    INTRADAY_SESSIONS,
    FALSE_ALARMS,
    STUDIES,
    ALERTS,
    ALERT_REVISIONS,
    UNEXPLAINED_MOVES,
    ALERTS_SUPPRESSED,
    NOTIFICATIONS,
    DELIVERIES,
    DELIVERY_COPIES,
    OUTBOX_PENDING,
    OUTBOX_OLDEST,
    NOTIFICATION_ATTEMPTS,
    NOTIFICATION_LATENCY,
    BREAKER_OPEN,
    ANSWERS,
    STATE_DISAGREEMENTS,
    EVENTS_INGESTED,
    REPORTS_LEFT_OUT,
    FEED_FAILURES,
    FEED_NEWEST,
    FEED_FALLBACKS,
    FEED_LAST_SUCCESS,
    PRICE_FETCHES,
    PRICE_FALLBACKS,
    PRICE_BARS_FETCHED,
    PRICE_FLAGS,
    PRICE_REJECTIONS,
    PRICE_NEXT_LOOK,
)
