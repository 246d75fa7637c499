"""The way in, where no Kafka is at its other end."""

from __future__ import annotations

import logging
import socket

import pytest
from kafka.errors import KafkaConnectionError, KafkaError, TopicAuthorizationFailedError
from pydantic import SecretStr

from brentwatch.core.errors import SettingsError, Unavailable
from brentwatch.stream import KafkaSettings
from brentwatch.stream.clients.connection import build_options, check_connection, translate_errors
from brentwatch.stream.security import SecuritySettings


@pytest.mark.parametrize(
    "security",
    [
        SecuritySettings(protocol="SSL"),
        SecuritySettings(protocol="SASL_PLAINTEXT", mechanism="PLAIN", username="a", password=SecretStr("b")),
    ],
)
def test_a_listener_that_says_nothing_is_waited_for_no_longer_than_told(security: SecuritySettings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        bootstrap = f"127.0.0.1:{silent.getsockname()[1]}"
        settings = KafkaSettings(bootstrap=bootstrap, request_timeout_seconds=0.2, security=security)
        with pytest.raises(Unavailable, match=r"failed while connecting: .*[Tt]imed out.*kafka.security"):
            check_connection(settings)


def test_a_broker_that_is_away_is_told_before_anything_is_proven() -> None:
    settings = KafkaSettings(bootstrap="127.0.0.1:1", security=SecuritySettings(protocol="SSL"))
    with pytest.raises(Unavailable, match=r"failed while connecting: .*refused"):
        check_connection(settings)


@pytest.mark.parametrize(
    ("raised", "told", "said"),
    [
        (TopicAuthorizationFailedError("in"), SettingsError, "an ACL that allows it"),
        (KafkaError("Failed: TopicAuthorizationFailedError"), SettingsError, "an ACL that allows it"),
        (KafkaConnectionError("away"), Unavailable, "failed while reading"),
        (OSError("reset"), Unavailable, "failed while reading"),
    ],
)
def test_what_is_forbidden_stops_and_everything_else_is_tried_again(
    raised: Exception, told: type[Exception], said: str
) -> None:
    with pytest.raises(told, match=said), translate_errors(KafkaSettings(), "reading"):
        raise raised


def test_an_error_that_the_caller_knows_what_to_do_with_stays_as_it_is() -> None:
    with (
        pytest.raises(KafkaConnectionError),
        translate_errors(KafkaSettings(), "reading", besides=(KafkaConnectionError,)),
    ):
        raise KafkaConnectionError("away")


def test_what_kafka_says_of_its_slow_tasks_reaches_no_log(caplog: pytest.LogCaptureFixture) -> None:
    build_options(KafkaSettings())
    build_options(KafkaSettings())
    selector = logging.getLogger("kafka.net.selector")

    selector.warning(
        "Task %s ran for %.3fs (>%.3fs threshold). It is blocking the event loop -- likely a tight sync loop",
        "<x>",
        0.312,
        0.1,
    )
    selector.warning("Task %s left RUNNING after step", "<x>")

    assert [record.getMessage() for record in caplog.records] == ["Task <x> left RUNNING after step"]
