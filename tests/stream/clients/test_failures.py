"""What a failure of Kafka means, in its own sentence; "a running broker" is said of a silent one alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from kafka import errors

from brentwatch.core.errors import SettingsError, Unavailable
from brentwatch.stream import KafkaSettings
from brentwatch.stream.clients import admin as lacking
from brentwatch.stream.clients.failures import explain_failure, is_topic_in_doubt

if TYPE_CHECKING:
    from collections.abc import Iterable

SETTINGS = KafkaSettings(bootstrap="127.0.0.1:1", topic_prefix="demo.")
RUNNING = "expected a running broker"


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (
            errors.UnknownTopicOrPartitionError(),
            "does not exist, or was deleted; run `brentwatch",
        ),
        (errors.MessageSizeTooLargeError(), "larger than max.message.bytes"),
        (errors.UnsupportedCodecError(), "expected lz4, zstd, gzip or none"),
        (errors.UnsupportedCompressionTypeError(), "expected lz4, zstd, gzip or none"),
        (errors.InvalidTimestampError(), "set both clocks by NTP"),
        (errors.NotEnoughReplicasError(), "start the missing brokers"),
        (errors.InvalidTransactionTimeoutError(), "lower it"),
        (errors.GroupMaxSizeReachedError(), "stop a replica"),
        (errors.UnsupportedVersionError(), "expected Kafka 2.5 or newer"),
        (errors.KafkaStorageError(), "cannot use its disk"),
        (errors.ClusterAuthorizationFailedError(), "the broker refused the request"),
        (errors.KafkaConnectionError(), RUNNING),
        (errors.KafkaTimeoutError(), RUNNING),
        (ConnectionRefusedError(), RUNNING),
    ],
)
def test_an_error_has_its_own_sentence(error: Exception, told: str) -> None:
    assert told in explain_failure(error)
    assert (RUNNING in explain_failure(error)) is (told == RUNNING)


def test_a_producer_that_failed_once_is_explained_by_its_first_reason() -> None:
    later = errors.KafkaError("in an error state", errors.InvalidTimestampError())
    caused = errors.KafkaTimeoutError("flush")
    caused.__cause__ = errors.MessageSizeTooLargeError()

    assert "set both clocks by NTP" in explain_failure(later)
    assert "larger than max.message.bytes" in explain_failure(caused)


def test_the_listener_is_named_where_something_answers() -> None:
    assert "kafka.security.protocol" in explain_failure(errors.KafkaConnectionError())
    assert "kafka.security.protocol" not in explain_failure(ConnectionRefusedError())


@pytest.mark.parametrize(
    ("error", "may"),
    [
        (errors.KafkaTimeoutError(), True),
        (errors.UnknownTopicOrPartitionError(), True),
        (errors.KafkaError("in an error state", errors.UnknownTopicIdError()), True),
        (errors.KafkaConnectionError(), False),
        (TimeoutError(), False),
        (None, False),
    ],
)
def test_a_topic_may_be_lacking_where_the_client_waits_for_it(error: Exception | None, may: bool) -> None:
    assert is_topic_in_doubt(error) is may


class Broker:
    """An administrator's client of a broker that has the topic demo.in alone, or does not answer."""

    answer: Exception | None = None

    def __init__(self, _: KafkaSettings) -> None:
        if self.answer is not None:
            raise self.answer

    def count_partitions(self, names: Iterable[str]) -> dict[str, int]:
        return {name: 1 for name in names if name == "demo.in"}

    def close(self) -> None:
        pass


def waited(cause: Exception) -> Unavailable:
    """The error of a client that gave up waiting."""
    error = Unavailable("it took too long")
    error.__cause__ = cause
    return error


def test_a_topic_that_does_not_exist_is_told_from_a_broker_that_is_slow(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(lacking, "Admin", Broker)
    slow = waited(errors.KafkaTimeoutError())
    refused = waited(errors.KafkaConnectionError())

    found = lacking.diagnose(SETTINGS, ["demo.out", "demo.in"], slow)
    assert isinstance(found, lacking.TopicsLacking)
    assert str(found).startswith("topic demo.out does not exist on Kafka at 127.0.0.1:1, or was deleted.")
    assert str(found).endswith(f"run: {SETTINGS.format_create_topics()}")
    assert lacking.diagnose(SETTINGS, ["demo.in"], slow) is slow
    assert lacking.diagnose(SETTINGS, ["demo.out"], refused) is refused
    found.__cause__ = slow.__cause__
    assert lacking.diagnose(SETTINGS, ["demo.out"], found) is found
    both = str(lacking.diagnose(SETTINGS, ["demo.state", "demo.out"], slow))
    assert both.startswith(
        "topics demo.out, demo.state do not exist on Kafka at 127.0.0.1:1, or were deleted."
    )


@pytest.mark.parametrize("answer", [Unavailable("no broker"), SettingsError("not allowed")])
def test_where_nobody_says_which_topics_exist_the_first_error_stands(
    answer: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Broker, "answer", answer)
    monkeypatch.setattr(lacking, "Admin", Broker)
    slow = waited(errors.KafkaTimeoutError())

    assert lacking.diagnose(SETTINGS, ["demo.out"], slow) is slow
