"""What a failure of Kafka means, in a sentence: a broker that does not answer is one kind among others."""

from collections.abc import Iterator
from datetime import UTC, datetime

from kafka import errors

_CREATE = "run `brentwatch topics create` with the same settings"

_MEANINGS: tuple[tuple[tuple[type[Exception], ...], str], ...] = (
    (
        (errors.UnknownTopicOrPartitionError, errors.UnknownTopicIdError, errors.InconsistentTopicIdError),
        f"a topic or partition does not exist, or was deleted; {_CREATE}",
    ),
    (
        (errors.MessageSizeTooLargeError, errors.RecordListTooLargeError),
        "a record is larger than max.message.bytes of its topic allows; if that is lower than in "
        f"schemas/topics.toml, {_CREATE}",
    ),
    (
        (errors.UnsupportedCompressionTypeError, errors.UnsupportedCodecError),
        "a codec is not supported; expected lz4, zstd, gzip or none: set compression.type of the producer, "
        f"and for the topic {_CREATE}",
    ),
    (
        (errors.NotEnoughReplicasError, errors.NotEnoughReplicasAfterAppendError),
        "fewer replicas are in sync than min.insync.replicas of the topic; start the missing brokers",
    ),
    (
        (errors.InvalidReplicationFactorError,),
        "there are fewer brokers than replicas of a topic; start more brokers, or lower "
        "default.replication.factor of the broker",
    ),
    (
        (errors.InvalidTopicError,),
        "the name of a topic is not allowed; correct kafka.topic_prefix: a name has at most 249 characters",
    ),
    (
        (errors.InvalidTransactionTimeoutError,),
        "kafka.transaction_timeout_seconds is longer than transaction.max.timeout.ms of the broker; lower it",
    ),
    (
        (errors.InvalidSessionTimeoutError,),
        "kafka.session_timeout_seconds is outside group.min.session.timeout.ms and "
        "group.max.session.timeout.ms of the broker; set it between them",
    ),
    (
        (errors.GroupMaxSizeReachedError,),
        "the consumer group is full; stop a replica, or raise group.max.size of the broker",
    ),
    (
        (errors.UnsupportedVersionError, errors.UnrecognizedBrokerVersion),
        "the broker is too old; expected Kafka 2.5 or newer: upgrade it",
    ),
    (
        (errors.KafkaStorageError, errors.LogDirNotFoundError),
        "the broker cannot use its disk; see its log",
    ),
    (
        (errors.ThrottlingQuotaExceededError, errors.QuotaViolationError),
        "a quota of the broker is used up; raise it for this client",
    ),
)
_CONNECTION = (OSError, errors.RetriableError, errors.BrokerNotAvailableError, errors.UnknownBrokerIdError)
_MAY_LACK_TOPIC = (errors.KafkaTimeoutError, errors.UnknownTopicOrPartitionError, errors.UnknownTopicIdError)


def explain_failure(error: Exception) -> str:
    """What `error` means, and what to do."""
    for cause in _list_causes(error):
        if isinstance(cause, errors.InvalidTimestampError):
            return _describe_clocks()
        for kinds, told in _MEANINGS:
            if isinstance(cause, kinds):
                return told
    if isinstance(error, _CONNECTION):
        listener = "" if isinstance(error, OSError) else ", with a listener for kafka.security.protocol"
        told = "expected a running broker: check that it runs and that kafka.bootstrap is its address"
        return told + listener
    return "the broker refused the request: see its log for the reason"


def is_topic_in_doubt(error: BaseException | None) -> bool:
    """True where a topic may not exist: kafka-python waits for it until a timeout."""
    return isinstance(error, Exception) and any(
        isinstance(cause, _MAY_LACK_TOPIC) for cause in _list_causes(error)
    )


def _describe_clocks() -> str:
    now = datetime.now(UTC)
    return (
        f"a record is dated by this machine's clock, {now:%Y-%m-%d %H:%M:%S} UTC, and that of the broker "
        "differs by more than message.timestamp.after.max.ms or message.timestamp.before.max.ms of the topic "
        "allows; set both clocks by NTP"
    )


def _list_causes(error: Exception) -> Iterator[Exception]:
    """The error and those in it: a producer that failed once gives the first reason as an argument."""
    yield error
    for wrapped in (*error.args, error.__cause__):
        if isinstance(wrapped, errors.KafkaError):
            yield from _list_causes(wrapped)
