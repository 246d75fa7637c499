"""Every metric in one table: its name, help, labels, and the services that fill it.

Names are in base units, counters end in `_total`, moments are timestamps and not ages. A label whose values
are known in advance is created at 0, so that a rule can tell "none" from "not there". An event id is a
label of `active_event_info` alone.
"""

from typing import get_args

from brentwatch.core import domain
from brentwatch.core.domain import bars
from brentwatch.telemetry.definition import Kind, Label, Metric
from brentwatch.web.failures import INTERNAL, UNUSABLE, Reason
from brentwatch.wire.input_faults import DeadLetterReason

PREFIX = "brentwatch_"

SCREEN = "screen"
MONITOR = "monitor"
NOTIFY = "notify"
INGEST = "ingest"
PRICES = "prices"
CANARY = "canary"
CONSUMERS = (SCREEN, MONITOR, NOTIFY)
"""Those that read a topic as a group."""

EVERY = (INGEST, *CONSUMERS, PRICES, CANARY)

_SECONDS, _SINCE_1970 = "seconds", "seconds since 1970"
_FLAG = "0 or 1"

ACTIVE_EVENT_SLOTS = 20
"""The number of active events that have their own metrics, over all instruments of a process."""

_TOPIC = Label("topic", about="full name of a topic")
_PARTITION = Label("partition", about="number of a partition")
_SERIES = Label("series", about="price series of the settings")
_INSTRUMENT = Label("instrument", about="instrument of the settings")
_TESTED = tuple(each for each in domain.Stage if each not in (domain.Stage.HEADS_UP, domain.Stage.FINAL))
_TEST_STAGE = Label("stage", _TESTED)
_WINDOW = Label("window", tuple(map(str, domain.WINDOWS)))
_SLOT = Label("slot", tuple(map(str, range(ACTIVE_EVENT_SLOTS))))
STUDY_TESTS = tuple(each.test for each in get_args(domain.Study))
_PROVIDER = Label("provider", about="price provider of the settings")

BUILD_INFO = Metric(
    name="build_info",
    help="Always 1; its labels say which version runs.",
    unit="always 1",
    kind=Kind.GAUGE,
    labels=(Label("version", about="version of brentwatch"), Label("python", about="version of Python")),
    services=EVERY,
)
CONSUMER_LAG = Metric(
    name="consumer_lag_records",
    help="Records of a partition that have not been read yet.",
    unit="records",
    kind=Kind.GAUGE,
    labels=(_TOPIC, _PARTITION),
    services=CONSUMERS,
)
CONSUMER_LAG_SECONDS = Metric(
    name="consumer_lag_seconds",
    help="Age of the newest record that was read, if more records wait to be read; otherwise 0.",
    unit=_SECONDS,
    kind=Kind.GAUGE,
    labels=(_TOPIC, _PARTITION),
    services=CONSUMERS,
)
CONSUMER_LAST_POLL = Metric(
    name="consumer_last_poll_timestamp_seconds",
    help="When the service last asked Kafka for records.",
    unit=_SINCE_1970,
    kind=Kind.GAUGE,
    services=CONSUMERS,
)
RECORDS_CONSUMED = Metric(
    name="records_consumed_total",
    help="Records read from Kafka.",
    unit="records",
    kind=Kind.COUNTER,
    services=CONSUMERS,
)
STAGE_DURATION = Metric(
    name="stage_duration_seconds",
    help="Time of a batch of records by stage: handle computes the answers, deliver writes them to Kafka.",
    unit=_SECONDS,
    kind=Kind.HISTOGRAM,
    labels=(Label("stage", ("handle", "deliver")),),
    services=CONSUMERS,
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0),
)
TRANSACTIONS = Metric(
    name="transactions_total",
    help="Kafka transactions by outcome. fenced: another process has taken over the name or the partition.",
    unit="transactions",
    kind=Kind.COUNTER,
    labels=(Label("outcome", ("committed", "failed", "fenced")),),
    services=(MONITOR, NOTIFY),
)
REBALANCES = Metric(
    name="rebalances_total",
    help="Times that partitions were assigned to the service or taken from it.",
    unit="rebalances",
    kind=Kind.COUNTER,
    services=CONSUMERS,
)
PROBES_CUT_OFF = Metric(
    name="probes_cut_off_total",
    help=(
        "Connections to the port of metrics and health that were closed without an answer: too slow, or "
        "too many at once."
    ),
    unit="connections",
    kind=Kind.COUNTER,
    services=EVERY,
)
BROKER_FAILURES = Metric(
    name="broker_failures_total",
    help="Times that Kafka failed and the service opened its connections again.",
    unit="failures",
    kind=Kind.COUNTER,
    services=EVERY,
)
DEAD_LETTERS = Metric(
    name="dead_letters_total",
    help=(
        "Messages that could not be read and became dead letters, by the topic they came from and the reason."
    ),
    unit="messages",
    kind=Kind.COUNTER,
    labels=(_TOPIC, Label("reason", (*DeadLetterReason, "corrupt"))),
    services=CONSUMERS,
)
DEAD_LETTER_LIMIT_REACHED = Metric(
    name="dead_letter_limit_reached",
    help=(
        "1 while the dead-letter limit is reached: the service is degraded or, if the settings say so, "
        "stopped."
    ),
    unit=_FLAG,
    kind=Kind.GAUGE,
    services=(SCREEN,),
)
DEAD_LETTER_STRANGERS = Metric(
    name="dead_letter_strangers_total",
    help=(
        "Records on the dead-letter topic that are not dead letters. Counted only if the action of the "
        "limit is stop."
    ),
    unit="records",
    kind=Kind.COUNTER,
    services=(SCREEN,),
)
EVENTS_CONSUMED = Metric(
    name="events_consumed_total",
    help="Events by outcome. The screen admits, filters or rejects; the monitor adds to a study or not.",
    unit="events",
    kind=Kind.COUNTER,
    labels=(Label("outcome", (*domain.EventOutcome, "filtered", "invalid")),),
    services=(SCREEN, MONITOR),
)
EVENT_AGE = Metric(
    name="event_age_seconds",
    help="Time from known_at of an event until the screen admitted it.",
    unit=_SECONDS,
    kind=Kind.HISTOGRAM,
    services=(SCREEN,),
    buckets=(1.0, 10.0, 60.0, 300.0, 900.0, 1800.0, 3600.0, 10800.0, 21600.0, 43200.0, 86400.0, 604800.0),
)
RECORDS_VOIDED = Metric(
    name="voided_records_total",
    help="Records of the timeline that were skipped because an operator voided them.",
    unit="records",
    kind=Kind.COUNTER,
    labels=(_INSTRUMENT,),
    services=(MONITOR,),
)
RESTORE_DURATION = Metric(
    name="restore_duration_seconds",
    help="Time to restore the state of a partition.",
    unit=_SECONDS,
    kind=Kind.HISTOGRAM,
    services=(MONITOR, NOTIFY),
    buckets=(0.1, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 300.0),
)
PRICE_BARS = Metric(
    name="price_bars_total",
    help="Price bars that the monitor read, by outcome.",
    unit="bars",
    kind=Kind.COUNTER,
    labels=(_INSTRUMENT, Label("outcome", tuple(domain.BarOutcome))),
    services=(MONITOR,),
)
PRICE_REVISIONS = Metric(
    name="price_revisions_total",
    help="Price bars that arrived again with another price.",
    unit="bars",
    kind=Kind.COUNTER,
    labels=(_INSTRUMENT,),
    services=(MONITOR,),
)
PRICE_LAST_BAR = Metric(
    name="price_last_bar_timestamp_seconds",
    help="Closing time of the newest price bar.",
    unit=_SINCE_1970,
    kind=Kind.GAUGE,
    labels=(_INSTRUMENT,),
    services=(MONITOR,),
)
PRICE_LAST_CLOSE = Metric(
    name="price_last_close_usd_per_barrel",
    help="Price of the newest daily bar. Missing if price_levels of the instrument is derived-only.",
    unit="USD/bbl",
    kind=Kind.GAUGE,
    labels=(_INSTRUMENT,),
    services=(MONITOR,),
)
PRICE_AWAITED = Metric(
    name="price_awaited_settlement_timestamp_seconds",
    help="Settlement time of the first session without a price. If it is in the past, the price is overdue.",
    unit=_SINCE_1970,
    kind=Kind.GAUGE,
    labels=(_INSTRUMENT,),
    services=(MONITOR,),
)
MARKET_OPEN = Metric(
    name="market_open",
    help="1 while the market of the instrument trades. Missing if its calendar has no trading hours.",
    unit=_FLAG,
    kind=Kind.GAUGE,
    labels=(_INSTRUMENT,),
    services=(MONITOR,),
)
SESSIONS_TESTED = Metric(
    name="sessions_tested_total",
    help="Trading sessions by the outcome of their test.",
    unit="sessions",
    kind=Kind.COUNTER,
    labels=(_SERIES, Label("outcome", tuple(domain.SessionOutcome))),
    services=(MONITOR,),
)
P_VALUE = Metric(
    name="p_value",
    help="p-value of each tested session. If there are no real effects, its distribution is flat.",
    unit="probability",
    kind=Kind.HISTOGRAM,
    labels=(_SERIES,),
    services=(MONITOR,),
    buckets=(0.001, 0.003, 0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0),
)
INTRADAY_SESSIONS = Metric(
    name="intraday_sessions",
    help="Complete sessions of 5-minute bars. Tests begin at 40 and are flagged below 120.",
    unit="sessions",
    kind=Kind.GAUGE,
    labels=(_INSTRUMENT,),
    services=(MONITOR,),
)
FALSE_ALARMS = Metric(
    name="false_alarms_a_year",
    help="Upper bound of the false alarms a year that the alert levels imply.",
    unit="alerts a year",
    kind=Kind.GAUGE,
    labels=(_INSTRUMENT,),
    services=(MONITOR,),
)
MODEL_FIT_FAILED = Metric(
    name="model_fit_failed",
    help="1 while this month's volatility model has no fit, so that no session is tested; otherwise 0.",
    unit=_FLAG,
    kind=Kind.GAUGE,
    labels=(_INSTRUMENT,),
    services=(MONITOR,),
)
STUDIES = Metric(
    name="studies_total",
    help="Published revisions of studies, by test and outcome.",
    unit="revisions",
    kind=Kind.COUNTER,
    labels=(Label("test", STUDY_TESTS), Label("outcome", ("found", "pending", "refused"))),
    services=(MONITOR,),
)
PROVISIONAL_OLDEST = Metric(
    name="provisional_oldest_session_timestamp_seconds",
    help="Settlement time of the oldest session whose result is provisional. 0 if there is none.",
    unit=_SINCE_1970,
    kind=Kind.GAUGE,
    labels=(_INSTRUMENT,),
    services=(MONITOR,),
)
STUDIES_OPEN = Metric(
    name="studies_open",
    help="Published studies whose window is not over.",
    unit="studies",
    kind=Kind.GAUGE,
    labels=(_INSTRUMENT,),
    services=(MONITOR,),
)
STORIES_FOLLOWED = Metric(
    name="stories_followed",
    help="Stories that are followed: events that belong together, whose sessions are tested together.",
    unit="stories",
    kind=Kind.GAUGE,
    labels=(_INSTRUMENT,),
    services=(MONITOR,),
)
STORY_EVIDENCE = Metric(
    name="story_evidence",
    help="Largest evidence of the stories that are followed, as odds to 1. 1 if none is followed.",
    unit="odds to 1",
    kind=Kind.GAUGE,
    labels=(_INSTRUMENT,),
    services=(MONITOR,),
)
ACTIVE_EVENT_INFO = Metric(
    name="active_event_info",
    help="Always 1. The event in each slot: an event of an expected session or of the last six sessions.",
    unit="always 1",
    kind=Kind.GAUGE,
    labels=(
        _SLOT,
        _INSTRUMENT,
        Label("event_id", about="id of the event"),
        Label("event_class", tuple(domain.EventClass)),
        Label("country", about="ISO code of the country"),
        Label("session", about="date of the trading session of the event"),
    ),
    services=(MONITOR,),
)
ACTIVE_EVENT_CAR = Metric(
    name="active_event_car_ratio",
    help="Abnormal move after the event in a slot, by window of sessions: 0.02 is +2 %.",
    unit="ratio",
    kind=Kind.GAUGE,
    labels=(_SLOT, _WINDOW),
    services=(MONITOR,),
)
ACTIVE_EVENT_NORMAL_RANGE = Metric(
    name="active_event_normal_range_ratio",
    help="Normal range (95 %) around 0: moves up to this size, up or down, are normal.",
    unit="ratio",
    kind=Kind.GAUGE,
    labels=(_SLOT, _WINDOW),
    services=(MONITOR,),
)
ACTIVE_EVENT_P_VALUE = Metric(
    name="active_event_p_value",
    help="p-value of the abnormal move after the event in a slot, by window of sessions.",
    unit="probability",
    kind=Kind.GAUGE,
    labels=(_SLOT, _WINDOW),
    services=(MONITOR,),
)
ALERTS = Metric(
    name="alerts_total",
    help="Alerts by their first severity and the direction of that move. A heads-up is not counted.",
    unit="alerts",
    kind=Kind.COUNTER,
    labels=(Label("severity", tuple(domain.Severity)), Label("direction", tuple(domain.Direction))),
    services=(MONITOR,),
)
ALERT_REVISIONS = Metric(
    name="alert_revisions_total",
    help="Published revisions of alerts, the first included, by cause.",
    unit="revisions",
    kind=Kind.COUNTER,
    labels=(Label("cause", tuple(domain.Cause)),),
    services=(MONITOR,),
)
HEADS_UPS = Metric(
    name="heads_ups_total",
    help="Heads-ups published: news before any price test.",
    unit="heads-ups",
    kind=Kind.COUNTER,
    labels=(_INSTRUMENT,),
    services=(MONITOR,),
)
UNEXPLAINED_MOVES = Metric(
    name="unexplained_moves_total",
    help="Alerts opened without a known event.",
    unit="alerts",
    kind=Kind.COUNTER,
    services=(MONITOR,),
)
EVENT_TO_ALERT = Metric(
    name="event_to_alert_seconds",
    help=(
        "Time from known_at of the earliest listed event of an alert until it first had a severity, by the "
        "stage of its test."
    ),
    unit=_SECONDS,
    kind=Kind.HISTOGRAM,
    labels=(_TEST_STAGE,),
    services=(MONITOR,),
    buckets=(900.0, 1800.0, 3600.0, 7200.0, 21600.0, 43200.0, 86400.0, 172800.0, 259200.0, 432000.0),
)
WINDOW_CLOSE_TO_ALERT = Metric(
    name="window_close_to_alert_seconds",
    help="Time from the end of the tested window until the alert first had a severity, by stage.",
    unit=_SECONDS,
    kind=Kind.HISTOGRAM,
    labels=(_TEST_STAGE,),
    services=(MONITOR,),
    buckets=(10.0, 60.0, 300.0, 900.0, 1800.0, 3600.0, 7200.0, 10800.0, 14400.0, 21600.0, 43200.0, 86400.0),
)
STAGE_LEAD = Metric(
    name="stage_lead_seconds",
    help=(
        "Time from known_at of the earliest listed event of a thread until each stage of it first answered, "
        "abnormal or not."
    ),
    unit=_SECONDS,
    kind=Kind.HISTOGRAM,
    labels=(Label("stage", tuple(each for each in domain.Stage if each is not domain.Stage.FINAL)),),
    services=(MONITOR,),
    buckets=(300.0, 900.0, 1800.0, 3600.0, 7200.0, 21600.0, 43200.0, 86400.0, 172800.0, 259200.0, 345600.0),
)
ALERTS_SUPPRESSED = Metric(
    name="alerts_suppressed_total",
    help="Revisions of alerts that were not sent to the channels, by reason.",
    unit="revisions",
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
_CHANNEL = Label("channel", about="channel of the settings")
_ENDS = ("accepted", "failed", "superseded", "digested")
NOTIFICATIONS = Metric(
    name="notifications_total",
    help="Deliveries that ended since the service started, by outcome.",
    unit="deliveries",
    kind=Kind.COUNTER,
    labels=(_CHANNEL, Label("outcome", _ENDS)),
    services=(NOTIFY,),
)
DELIVERIES = Metric(
    name="deliveries",
    help="Deliveries since the topic of deliveries was created, by state.",
    unit="deliveries",
    kind=Kind.GAUGE,
    labels=(_CHANNEL, Label("state", ("pending", *_ENDS))),
    services=(NOTIFY,),
)
DELIVERY_COPIES = Metric(
    name="delivery_copies",
    help="Deliveries that a channel accepted twice, since the topic of deliveries was created.",
    unit="deliveries",
    kind=Kind.GAUGE,
    labels=(_CHANNEL,),
    services=(NOTIFY,),
)
OUTBOX_PENDING = Metric(
    name="outbox_pending",
    help="Deliveries that have not ended.",
    unit="deliveries",
    kind=Kind.GAUGE,
    labels=(_CHANNEL,),
    services=(NOTIFY,),
)
OUTBOX_OLDEST = Metric(
    name="outbox_oldest_pending_timestamp_seconds",
    help="When the oldest delivery that has not ended was recorded. The current time if none is pending.",
    unit=_SINCE_1970,
    kind=Kind.GAUGE,
    labels=(_CHANNEL,),
    services=(NOTIFY,),
)
NOTIFICATION_ATTEMPTS = Metric(
    name="notification_attempts_total",
    help="Attempts to send, by outcome or by the reason of the failure.",
    unit="attempts",
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
    help="Time from recording a delivery to its acceptance by the channel.",
    unit=_SECONDS,
    kind=Kind.HISTOGRAM,
    labels=(_CHANNEL,),
    services=(NOTIFY,),
    buckets=(0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 3600.0),
)
ALERT_LATENCY = Metric(
    name="alert_latency_seconds",
    help="Time from known_at of an alert to its acceptance by the channel. Digests and notices do not count.",
    unit=_SECONDS,
    kind=Kind.HISTOGRAM,
    labels=(_CHANNEL,),
    services=(NOTIFY,),
    buckets=(0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 1800.0, 7200.0, 21600.0),
)
BREAKER_OPEN = Metric(
    name="breaker_open",
    help="1 while a channel counts as down because its last attempts failed.",
    unit=_FLAG,
    kind=Kind.GAUGE,
    labels=(_CHANNEL,),
    services=(NOTIFY,),
)
ANSWERS = Metric(
    name="answers_total",
    help="Answers of people in a chat, by outcome.",
    unit="answers",
    kind=Kind.COUNTER,
    labels=(_CHANNEL, Label("outcome", ("accepted", "unknown", "unreadable", "failed"))),
    services=(NOTIFY,),
)
ALERT_FEEDBACK = Metric(
    name="alert_feedback",
    help=(
        "Answers of people about alerts, since the topic of deliveries was created. The last answer of each "
        "person about an alert counts."
    ),
    unit="answers",
    kind=Kind.GAUGE,
    labels=(Label("severity", tuple(domain.Severity)), Label("answer", ("useful", "false_alarm"))),
    services=(NOTIFY,),
)
STATE_DISAGREEMENTS = Metric(
    name="state_disagreements_total",
    help=(
        "Times that the saved state and the offset of the group did not match. The notifier then "
        "continues from its state."
    ),
    unit="disagreements",
    kind=Kind.COUNTER,
    services=(NOTIFY,),
)
_FEED = Label("feed", about="feed of the settings")
EVENTS_INGESTED = Metric(
    name="events_ingested_total",
    help="Revisions of events that a feed returned and that were written to Kafka.",
    unit="revisions",
    kind=Kind.COUNTER,
    labels=(_FEED, Label("status", tuple(domain.Status))),
    services=(INGEST,),
)
REPORTS_LEFT_OUT = Metric(
    name="reports_left_out_total",
    help="Reports of a feed that did not become an event, by reason.",
    unit="reports",
    kind=Kind.COUNTER,
    labels=(
        _FEED,
        Label(
            "reason",
            (
                "unreadable",  # a row that is not as the feed's own layout says
                "class",  # no unrest, by the feed's own code
                "mute",  # its address has no headline, and it joins no event
                "kind",  # the words of its address tell of no unrest
                "crime",  # they tell of a crime
                "past",  # they tell of what is over
                "talk",  # they tell of opinions, sport, plans or words of governments
                "place",  # armed, in a country where most papers are, and no other place is named
                "home",  # a protest or strike there that touches nothing of oil, with few headlines
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
FEED_KEPT_SHARE = Metric(
    name="feed_kept_share",
    help="Share of reports kept by the words of their URLs, of those decided so in the last day.",
    unit="ratio",
    kind=Kind.GAUGE,
    labels=(_FEED,),
    services=(INGEST,),
)
FEED_FAILURES = Metric(
    name="feed_failures_total",
    help="Requests to a feed that failed, by reason.",
    unit="requests",
    kind=Kind.COUNTER,
    labels=(
        _FEED,
        Label("reason", (*Reason, UNUSABLE, INTERNAL)),
    ),
    services=(INGEST,),
)
FEED_NEWEST = Metric(
    name="feed_newest_known_at_timestamp_seconds",
    help="The newest known_at of the events of a feed.",
    unit=_SINCE_1970,
    kind=Kind.GAUGE,
    labels=(_FEED,),
    services=(INGEST,),
)
FEED_FALLBACKS = Metric(
    name="feed_fallbacks_total",
    help="Times that the fallback address of a feed was used.",
    unit="requests",
    kind=Kind.COUNTER,
    labels=(_FEED,),
    services=(INGEST,),
)
FEED_LAST_SUCCESS = Metric(
    name="feed_last_success_timestamp_seconds",
    help="When a feed was last read successfully.",
    unit=_SINCE_1970,
    kind=Kind.GAUGE,
    labels=(_FEED,),
    services=(INGEST,),
)
FEED_DUE = Metric(
    name="feed_due_timestamp_seconds",
    help="When the next answer of a feed is due: one interval after its last answer or the service's start.",
    unit=_SINCE_1970,
    kind=Kind.GAUGE,
    labels=(_FEED,),
    services=(INGEST,),
)

PRICE_FETCHES = Metric(
    name="price_fetches_total",
    help="Requests to a price provider, by outcome: answered, or the reason of the failure.",
    unit="requests",
    kind=Kind.COUNTER,
    labels=(_PROVIDER, Label("outcome", ("answered", *Reason, UNUSABLE, INTERNAL))),
    services=(PRICES,),
)
PRICE_FALLBACKS = Metric(
    name="price_fallbacks_total",
    help="Times that a provider was used because those before it in the settings failed.",
    unit="fallbacks",
    kind=Kind.COUNTER,
    labels=(_SERIES, _PROVIDER),
    services=(PRICES,),
)
PRICE_BARS_FETCHED = Metric(
    name="price_bars_fetched_total",
    help="New price bars by kind. All are written to the timeline except disagreements of two providers.",
    unit="bars",
    kind=Kind.COUNTER,
    labels=(
        _SERIES,
        Label("kind", bars.KINDS),
    ),
    services=(PRICES,),
)
PRICE_FLAGS = Metric(
    name="price_bars_flagged_total",
    help="Price bars that were written with a quality flag, by flag.",
    unit="bars",
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
    unit="rows",
    kind=Kind.COUNTER,
    labels=(_SERIES, Label("reason", (UNUSABLE, INTERNAL, bars.NO_SESSION))),
    services=(PRICES,),
)
PRICE_NEXT_LOOK = Metric(
    name="price_next_look_timestamp_seconds",
    help="When the prices of a series are due to be fetched next.",
    unit=_SINCE_1970,
    kind=Kind.GAUGE,
    labels=(_SERIES,),
    services=(PRICES,),
)
CANARIES_SENT = Metric(
    name="canaries_sent_total",
    help="Canaries that were written to unrest.events.",
    unit="canaries",
    kind=Kind.COUNTER,
    services=(CANARY,),
)
CANARY_LAST_SENT = Metric(
    name="canary_last_sent_timestamp_seconds",
    help="When the newest canary was sent.",
    unit=_SINCE_1970,
    kind=Kind.GAUGE,
    services=(CANARY,),
)
CANARIES_SCREENED = Metric(
    name="canaries_screened_total",
    help=(
        "Canaries that the screen read: forwarded to the timeline, or refused because they were unreadable, "
        "sent more than ten minutes before or after they were written, or too many."
    ),
    unit="canaries",
    kind=Kind.COUNTER,
    labels=(Label("outcome", ("forwarded", "unreadable", "wrong_time", "too_many")),),
    services=(SCREEN,),
)
CANARY_ANSWER = Metric(
    name="canary_answer_seconds",
    help="Time from sending a canary until the notifier read the answer of the monitor.",
    unit=_SECONDS,
    kind=Kind.HISTOGRAM,
    labels=(_INSTRUMENT,),
    services=(NOTIFY,),
    buckets=(0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 900.0, 3600.0),
)
CANARY_NEWEST_ANSWERED = Metric(
    name="canary_newest_answered_timestamp_seconds",
    help="When the newest canary was sent whose answer the notifier has read.",
    unit=_SINCE_1970,
    kind=Kind.GAUGE,
    labels=(_INSTRUMENT,),
    services=(NOTIFY,),
)

METRICS = (
    BUILD_INFO,
    CONSUMER_LAG,
    CONSUMER_LAG_SECONDS,
    CONSUMER_LAST_POLL,
    RECORDS_CONSUMED,
    STAGE_DURATION,
    TRANSACTIONS,
    REBALANCES,
    PROBES_CUT_OFF,
    BROKER_FAILURES,
    DEAD_LETTERS,
    DEAD_LETTER_LIMIT_REACHED,
    DEAD_LETTER_STRANGERS,
    EVENTS_CONSUMED,
    EVENT_AGE,
    RECORDS_VOIDED,
    RESTORE_DURATION,
    PRICE_BARS,
    PRICE_REVISIONS,
    PRICE_LAST_BAR,
    PRICE_LAST_CLOSE,
    PRICE_AWAITED,
    MARKET_OPEN,
    SESSIONS_TESTED,
    P_VALUE,
    INTRADAY_SESSIONS,
    FALSE_ALARMS,
    MODEL_FIT_FAILED,
    STUDIES,
    PROVISIONAL_OLDEST,
    STUDIES_OPEN,
    STORIES_FOLLOWED,
    STORY_EVIDENCE,
    ACTIVE_EVENT_INFO,
    ACTIVE_EVENT_CAR,
    ACTIVE_EVENT_NORMAL_RANGE,
    ACTIVE_EVENT_P_VALUE,
    ALERTS,
    ALERT_REVISIONS,
    HEADS_UPS,
    UNEXPLAINED_MOVES,
    EVENT_TO_ALERT,
    WINDOW_CLOSE_TO_ALERT,
    STAGE_LEAD,
    ALERTS_SUPPRESSED,
    NOTIFICATIONS,
    DELIVERIES,
    DELIVERY_COPIES,
    OUTBOX_PENDING,
    OUTBOX_OLDEST,
    NOTIFICATION_ATTEMPTS,
    NOTIFICATION_LATENCY,
    ALERT_LATENCY,
    BREAKER_OPEN,
    ANSWERS,
    ALERT_FEEDBACK,
    STATE_DISAGREEMENTS,
    EVENTS_INGESTED,
    REPORTS_LEFT_OUT,
    FEED_KEPT_SHARE,
    FEED_FAILURES,
    FEED_NEWEST,
    FEED_FALLBACKS,
    FEED_LAST_SUCCESS,
    FEED_DUE,
    PRICE_FETCHES,
    PRICE_FALLBACKS,
    PRICE_BARS_FETCHED,
    PRICE_FLAGS,
    PRICE_REJECTIONS,
    PRICE_NEXT_LOOK,
    CANARIES_SENT,
    CANARY_LAST_SENT,
    CANARIES_SCREENED,
    CANARY_ANSWER,
    CANARY_NEWEST_ANSWERED,
)
