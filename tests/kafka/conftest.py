"""The broker of the test session, and a topic prefix of its own for each test."""

from __future__ import annotations

import os
import uuid
from typing import TYPE_CHECKING

import pytest
from tests.kafka import broker

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def bootstrap(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the session's broker answers: the one named by KAFKA_BOOTSTRAP, or one of our own."""
    reason = broker.missing()
    if reason and broker.required():
        pytest.fail(f"tests on a real broker must run here: {reason}", pytrace=False)
    if reason:
        pytest.skip(reason)
    if named := os.environ.get("KAFKA_BOOTSTRAP"):
        yield named
        return
    own = broker.configured(tmp_path_factory.mktemp("kafka"))
    with broker.running(own):
        yield own.bootstrap


@pytest.fixture
def prefix() -> str:
    """A topic prefix that no other test has."""
    return f"t{uuid.uuid4().hex[:12]}."
