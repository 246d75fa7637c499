"""The notifier with any number of webhooks, in a process of its own.

    python -m benchmarks.stream.notifier SETTINGS PORT CHANNELS

It does the same as `brentwatch run notify`, which has each kind of channel only once.
"""

from __future__ import annotations

import base64
import subprocess
import sys
from contextlib import contextmanager
from threading import Event
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from prometheus_client import CollectorRegistry
from tests.kafka.tools import CHECKOUT

from brentwatch.commands.memory import adjust_collector
from brentwatch.commands.services.serve import run_jobs
from brentwatch.notify import service
from brentwatch.notify.channels.webhook import WebhookSettings, open_channel
from brentwatch.notify.settings import NotifySettings
from brentwatch.stream import KafkaSettings
from brentwatch.stream.clients.cluster import Cluster
from brentwatch.telemetry.health import Health, Telemetry
from brentwatch.telemetry.logs import make_logger
from brentwatch.telemetry.metrics import Metrics
from brentwatch.telemetry.settings import TelemetrySettings

if TYPE_CHECKING:
    from collections.abc import Iterator

_KEY = "whsec_" + base64.b64encode(bytes(32)).decode()


class Webhooks(NotifySettings):
    """Any number of webhooks, each with its own name."""

    port: int
    count: int

    def find_channel(self, name: str) -> Any:
        """The webhook at the path of its name."""
        url = f"http://127.0.0.1:{self.port}/{name.removeprefix('webhook')}"
        given = {"url": url, "secret": _KEY, "hosts": ["127.0.0.1"], "timeout_seconds": 60.0}
        return WebhookSettings.model_validate({**given, "per_minute": 6000})


def main(kafka: KafkaSettings, port: int, count: int) -> None:
    """Run until the process is ended."""
    names = [f"webhook{number}" for number in range(count)]
    notify = Webhooks(port=port, count=count).model_copy(update={"channels": tuple(names)})
    channels = {name: open_channel(notify.find_channel(name)) for name in names}
    log = make_logger(TelemetrySettings(log_level="error"), service=service.SERVICE)
    telemetry = Telemetry(Metrics(CollectorRegistry(), service.SERVICE), Health(60.0), log)
    policies = service.build_policies(notify, channels)
    group = service.build_group(
        SimpleNamespace(kafka=kafka, notify=notify, list_instruments=tuple), policies, channels, telemetry
    )
    adjust_collector()
    run_jobs(group, Cluster(kafka), telemetry, Event())


@contextmanager
def running(kafka: KafkaSettings, port: int, count: int) -> Iterator[None]:
    """Such a notifier, running during the benchmark."""
    command = [sys.executable, "-W", "ignore", "-m", "benchmarks.stream.notifier"]
    child = subprocess.Popen(
        [*command, kafka.model_dump_json(), str(port), str(count)], cwd=CHECKOUT, stderr=subprocess.DEVNULL
    )
    try:
        yield
    finally:
        child.kill()
        child.wait()


if __name__ == "__main__":
    main(KafkaSettings.model_validate_json(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
