"""The way in, where no Kafka is at its other end."""

from __future__ import annotations

import socket

import pytest
from pydantic import SecretStr

from brentwatch.core.errors import Unavailable
from brentwatch.stream.clients.connection import check_connection
from brentwatch.stream.security import SecuritySettings
from brentwatch.stream.settings import KafkaSettings


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
        with pytest.raises(Unavailable, match=r"failed while introducing us: .*[Tt]imed out.*kafka.security"):
            check_connection(settings)


def test_a_broker_that_is_away_is_told_before_anything_is_proven() -> None:
    settings = KafkaSettings(bootstrap="127.0.0.1:1", security=SecuritySettings(protocol="SSL"))
    with pytest.raises(Unavailable, match=r"failed while connecting: .*refused"):
        check_connection(settings)
