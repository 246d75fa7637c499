"""A broker that answers on IPv6 is reached by its address in brackets."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest
from tests.kafka import broker
from tests.kafka.conftest import require
from tests.kafka.patience import quick
from tests.kafka.programs import brentwatch, create_topics
from tests.kafka.tools import make_topic, values, write_values

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.kafka


def has_ipv6() -> bool:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True


@pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6")
def test_records_are_written_and_read_over_ipv6(tmp_path: Path) -> None:
    tools = broker.missing_tools()
    require(f"{tools} wanted for a broker of the test's own" if tools else "")
    own = broker.configured(tmp_path, {"SIX": "PLAINTEXT"})
    text = own.properties.read_text()
    own.properties.write_text(text.replace("SIX://127.0.0.1", "SIX://[::1]"))
    settings = quick(own.listeners["SIX"].replace("127.0.0.1", "[::1]"), "")
    with broker.running(own):
        topic = make_topic(settings, "in")
        write_values(settings, topic, b"1")
        assert values(settings, topic) == [b"1"]
        create_topics(settings)
        done = brentwatch(settings, "doctor")
    assert f"Kafka at {settings.bootstrap} answers" in done.stdout, done.stderr
