"""The settings of the way to Kafka refuse what could not work, and keep installations apart."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from brentwatch.stream import KafkaSettings

GOOD = [
    "localhost:9092",
    "a:1,b-2.example:65535",
    "[::1]:9092",
    "[2001:db8::7]:1,[fe80::1%eth0]:9092",
    "10.0.0.1:9",
]
BAD = ["", "localhost", "a:1,", "a:b", "http://a:1", "a:1 b:2", "a:65536", "a:0", "::1:9", "[::1]", "[:::]:9"]
BAD += ["[10.0.0.1]:9", "user:password@a:9", "user@a:9", "a:٩"]


@pytest.mark.parametrize("bootstrap", GOOD)
def test_brokers_are_host_and_port(bootstrap: str) -> None:
    assert KafkaSettings(bootstrap=bootstrap).bootstrap == bootstrap


@pytest.mark.parametrize("bootstrap", BAD)
def test_anything_else_is_refused_with_what_was_wanted(bootstrap: str) -> None:
    with pytest.raises(ValidationError, match="one or more brokers as host:port, separated by commas"):
        KafkaSettings(bootstrap=bootstrap)


def test_a_topic_prefix_keeps_topics_and_groups_apart() -> None:
    plain, demo = KafkaSettings(), KafkaSettings(topic_prefix="demo.")
    assert (plain.topic("impact.alerts"), plain.group("notify")) == ("impact.alerts", "brentwatch.notify")
    assert (demo.topic("impact.alerts"), demo.group("notify")) == (
        "demo.impact.alerts",
        "brentwatch.demo.notify",
    )


def test_a_prefix_that_kafka_refuses_is_refused() -> None:
    with pytest.raises(ValidationError):
        KafkaSettings(topic_prefix="demo/")
