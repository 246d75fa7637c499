"""How long tests wait, and for what; it imports no Kafka client, which warns while it is imported."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from brentwatch.stream import KafkaSettings

if TYPE_CHECKING:
    from collections.abc import Callable

PATIENCE_SECONDS = 240.0
"""Only a test that fails waits so long; a busy machine may need much of it."""


def quick(bootstrap: str, prefix: str) -> KafkaSettings:
    """Settings that notice a failure soon."""
    return KafkaSettings(
        bootstrap=bootstrap,
        topic_prefix=prefix,
        request_timeout_seconds=5,
        delivery_timeout_seconds=8,
        session_timeout_seconds=6,
    )


def await_true(holds: Callable[[], object], what: str, seconds: float = PATIENCE_SECONDS) -> None:
    """Wait until something holds; a test that waits in vain fails with `what`."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"waited {seconds} seconds in vain until {what}"
        time.sleep(0.02)
