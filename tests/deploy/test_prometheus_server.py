"""The programs that tests of rules and dashboards start: they answer, and end with the test."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from tests.deploy.prometheus_server import (
    ALERTMANAGER,
    PROMETHEUS,
    MetricsServer,
    WebhookReceiver,
    need_programs,
    run_alertmanager,
    run_prometheus,
)

if TYPE_CHECKING:
    from pathlib import Path

_SCRAPES_ITSELF = """
global: {{scrape_interval: 100ms, scrape_timeout: 100ms}}
scrape_configs:
  - job_name: itself
    static_configs: [{{targets: ["{address}"]}}]
"""
_TO_WEBHOOK = """
route: {{receiver: here, group_wait: 10ms}}
receivers:
  - name: here
    webhook_configs: [{{url: "{url}"}}]
"""


def _await(holds: object, seconds: float = 60.0) -> None:
    assert callable(holds)
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_prometheus_scrapes_answers_and_ends(tmp_path: Path) -> None:
    need_programs(PROMETHEUS)

    with (
        WebhookReceiver() as other,
        run_prometheus(tmp_path, _SCRAPES_ITSELF.format(address=f"127.0.0.1:{other.server_port}")) as server,
    ):
        _await(lambda: server.query("up"))

        assert server.read_values("up", "job") == {("itself",): 0.0}
        assert server.query("nothing_of_that_name") == []
        assert [target["health"] for target in server.list_targets()] == ["down"]
    assert not server.is_ready()


def test_a_configuration_that_cannot_work_is_told_with_the_log(tmp_path: Path) -> None:
    need_programs(PROMETHEUS)

    with pytest.raises(AssertionError, match="did not start"), run_prometheus(tmp_path, "scrape: nothing"):
        pass


def test_alertmanager_hands_an_alert_to_the_receiver(tmp_path: Path) -> None:
    need_programs(ALERTMANAGER)

    with (
        WebhookReceiver() as receiver,
        run_alertmanager(tmp_path, _TO_WEBHOOK.format(url=receiver.url("/in"))) as server,
    ):
        server.post_alerts([{"labels": {"alertname": "Try", "job": "screen"}}])
        _await(lambda: receiver.notices)

    assert receiver.list_names(path="/in") == {("Try", "screen")}
    assert not MetricsServer(int(server.address.partition(":")[2])).is_ready()
