"""All services on a broker, fed so that every panel has data, and a Prometheus that scrapes them.

`python -m tests.kafka.stage FOLDER` draws the previews of the boards from it, in five minutes;
`make previews` runs it.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
import time
import uuid
from base64 import b64encode
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from tests.deploy.prometheus_server import Prometheus, find_free_port, run_prometheus
from tests.kafka import broker
from tests.kafka.outside import FRONT_OPTIONS, chosen
from tests.kafka.patience import await_true
from tests.kafka.programs import await_member, brentwatch, service
from tests.kafka.tools import CHECKOUT, values
from tests.prices.markets import ordinary

from brentwatch.commands.feeding import Feeder
from brentwatch.core.domain import BRENT_SPOT
from brentwatch.history.folder import find_history
from brentwatch.stream import ALERTS, KafkaSettings
from brentwatch.stream.clients.admin import Admin
from brentwatch.stream.clients.producer import Producer
from brentwatch.telemetry.table import EVERY
from brentwatch.wire.published import decode_alert

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

RULES = CHECKOUT / "deploy" / "prometheus" / "rules"
SPOT_OPTIONS = chosen({"instruments.brent-spot.alerts": True, "instruments.brent-spot.partition": 1})
HISTORY, LAST = "abqaiq-2019", "2019-09-20"

_SESSIONS = 300
_CANARY_SECONDS = 5
_SLOW, _SLOW_SECONDS, _AFTER_SECONDS = 20, 8.0, 100.0
SPOT = replace(BRENT_SPOT, partition=1)


def write_configuration(ports: dict[str, int]) -> str:
    """A Prometheus that scrapes each service every second, and evaluates the rules as they are."""
    jobs = [
        {"job_name": name, "static_configs": [{"targets": [f"127.0.0.1:{port}"]}]}
        for name, port in ports.items()
    ]
    often = {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"}
    return json.dumps({"global": often, "rule_files": [f"{RULES}/*.yml"], "scrape_configs": jobs})


def write_prices(folder: Path) -> Path:
    """Prices of brent-front up to yesterday."""
    yesterday = datetime.now(UTC).date() - timedelta(days=1)
    path = folder / "front.csv"
    rows = "".join(f"{day},{price}\n" for day, price in ordinary("globex", yesterday, _SESSIONS).items())
    path.write_text(f"date,usd_per_bbl\n{rows}")
    return path


def write_event(folder: Path) -> Path:
    """One event that became known now, for the feed `file`."""
    now = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
    event = {
        "event_id": "desk:pipeline",
        "revision": 0,
        "status": "new",
        "occurred": {"start": now, "precision": "minute"},
        "known_at": now,
        "country": "SAU",
        "event_class": "attack_infrastructure",
        "summary": "A pumping station is on fire",
        "provenance": {"feed": "desk"},
    }
    path = folder / "events.jsonl"
    path.write_text(json.dumps(event) + "\n")
    return path


@contextmanager
def run_stage(
    settings: KafkaSettings, folder: Path, feed: Callable[[KafkaSettings, Path], None] | None = None
) -> Iterator[Prometheus]:
    """The Prometheus, once a history was fed, by `feed` or at once, and all services run.

    The history comes first: whatever is of today makes the timeline too late for it.
    """
    ports = {name: find_free_port() for name in EVERY}
    told = chosen({f"telemetry.ports.{name}": port for name, port in ports.items()})
    first, then = list_options(folder)
    nobody = {
        "BRENTWATCH_NOTIFY__WEBHOOK__URL": f"http://127.0.0.1:{find_free_port()}/",
        "BRENTWATCH_NOTIFY__WEBHOOK__SECRET": f"whsec_{b64encode(bytes(24)).decode()}",
    }
    with ExitStack() as stack:
        server = stack.enter_context(run_prometheus(folder, write_configuration(ports)))
        create_topics_of_both(settings)
        words = ("screen", "monitor", "notify", *told, *first, *FRONT_OPTIONS, *SPOT_OPTIONS)
        stack.enter_context(service(settings, *words, log=folder / "first.log", env=os.environ | nobody))
        await_member(settings, "screen")
        (feed or feed_history)(settings, folder)
        words = ("ingest", "prices", "canary", *told, *then, *FRONT_OPTIONS)
        stack.enter_context(service(settings, *words, log=folder / "then.log"))
        yield server


def list_options(folder: Path) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The settings of the services that run while the history is fed, and of those that follow."""
    first = {
        "notify.channels": "jsonl,webhook",
        "notify.jsonl.path": folder / "alerts.jsonl",
        "notify.webhook.hosts": "127.0.0.1",
    }
    then = {
        "prices.series.brent-front.providers": "file",
        "prices.series.brent-front.file.path": write_prices(folder),
        "prices.backfill_sessions": _SESSIONS,
        "ingest.feeds": "file",
        "ingest.file.path": write_event(folder),
        "canary.every_seconds": _CANARY_SECONDS,
    }
    return chosen(first), chosen(then)


def create_topics_of_both(settings: KafkaSettings) -> None:
    """The topics with a partition for each of the two instruments."""
    done = brentwatch(settings, "topics", "create", *FRONT_OPTIONS, *SPOT_OPTIONS)
    assert done.returncode == 0, done.stderr


def write_history(folder: Path) -> Path:
    """The attack on Abqaiq up to the third session after it, so that its events are still followed."""
    bundled = CHECKOUT / "services" / "brentwatch" / "history" / "data" / HISTORY
    written = folder / HISTORY
    shutil.copytree(bundled, written)
    lines = (bundled / "prices.csv").read_text().splitlines()
    (written / "prices.csv").write_text(
        "\n".join(lines[:1] + [line for line in lines[1:] if line < LAST]) + "\n"
    )
    return written


def feed_history(settings: KafkaSettings, folder: Path) -> None:
    """Play a history with an alert on brent-spot."""
    words = (
        "feed",
        str(write_history(folder)),
        "--prefix",
        settings.topic_prefix,
        *FRONT_OPTIONS,
        *SPOT_OPTIONS,
    )
    done = brentwatch(settings, *words)
    assert done.returncode == 0, done.stderr


def feed_slowly(settings: KafkaSettings, folder: Path) -> None:
    """Play the history so that the newest sessions come one by one, as a graph shows them."""
    history = find_history(str(write_history(folder)))
    with closing(Admin(settings)) as admin, closing(Producer(settings)) as producer:
        feeder = Feeder(settings, [SPOT], admin, producer, print)
        for part in (history.signals[:-_SLOW], *((each,) for each in history.signals[-_SLOW:])):
            feeder.play(replace(history, signals=part))
            time.sleep(_SLOW_SECONDS)


def draw_previews(out: Path) -> None:
    """Run the stage, with a person who answers, and draw the boards."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        own = broker.configured(folder)
        stack.enter_context(broker.running(own))
        settings = KafkaSettings(bootstrap=own.bootstrap, topic_prefix=f"t{uuid.uuid4().hex[:12]}.")
        server = stack.enter_context(run_stage(settings, folder, feed_slowly))
        await_true(lambda: values(settings, settings.topic(ALERTS)), "the alert is open")
        alert = decode_alert(values(settings, settings.topic(ALERTS))[0] or b"").alert
        brentwatch(settings, "alerts", "feedback", alert.alert_id, "useful")
        time.sleep(_AFTER_SECONDS)
        drawn, asked = folder / "drawn", ("--prometheus", f"http://{server.address}")
        for words in (("check",), ("preview", "--out", str(drawn), "--last", "5m")):
            print(brentwatch(settings, "dashboards", *words, *asked).stdout)
        for name in ("desk.png", "health.png"):
            shutil.copy(drawn / name, out)


if __name__ == "__main__":
    draw_previews(Path(sys.argv[1]))
