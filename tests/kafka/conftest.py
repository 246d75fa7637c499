"""The broker of the test session, and a topic prefix of its own for each test."""

from __future__ import annotations

import os
import uuid
from typing import TYPE_CHECKING

import pytest
from tests.kafka import broker
from tests.kafka.patience import quick

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from brentwatch.stream import KafkaSettings


@pytest.fixture(scope="session")
def bootstrap(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the session's broker answers: the one named by KAFKA_BOOTSTRAP, or one of our own."""
    require(broker.missing())
    if named := os.environ.get("KAFKA_BOOTSTRAP"):
        yield named
        return
    own = broker.configured(tmp_path_factory.mktemp("kafka"))
    with broker.running(own):
        yield own.bootstrap


@pytest.fixture
def own_broker(tmp_path: Path) -> broker.Broker:
    """A broker that the test alone starts, stops and damages; it is not yet running."""
    tools = broker.missing_tools()
    require(f"{tools} wanted for a broker of the test's own" if tools else "")
    return broker.configured(tmp_path)


@pytest.fixture
def settings(bootstrap: str, prefix: str) -> KafkaSettings:
    """The way to the session's broker, under the prefix of the test."""
    return quick(bootstrap, prefix)


def require(missing: str) -> None:
    """Skip the test where something is missing; where it must not be, fail."""
    if missing and broker.required():
        pytest.fail(f"tests on a real broker must run here: {missing}", pytrace=False)
    if missing:
        pytest.skip(missing)


@pytest.fixture
def prefix() -> str:
    """A topic prefix that no other test has."""
    return f"t{uuid.uuid4().hex[:12]}."
