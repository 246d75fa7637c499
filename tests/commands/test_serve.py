"""Jobs that run side by side, and what libraries write beside our log."""

from __future__ import annotations

import io
import json
import logging
import threading
import time
import warnings
from typing import TYPE_CHECKING

import pytest
from prometheus_client import CollectorRegistry
from tests.stream.fake_group import FakeBroker, FakeCluster

from brentwatch.commands.services.serve import bridge_libraries, open_telemetry, run_jobs
from brentwatch.settings.composed import Settings
from brentwatch.stream import Job, Stateless
from brentwatch.stream.job import JobGroup
from brentwatch.telemetry.health import Health, Telemetry
from brentwatch.telemetry.logs import Bridge, make_logger
from brentwatch.telemetry.metrics import Metrics
from brentwatch.telemetry.settings import TelemetrySettings

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    """What our log writes once libraries speak through it; afterwards they no longer do."""
    told = io.StringIO()
    logging.captureWarnings(False)  # a service that ran in this process before may have left it on
    with warnings.catch_warnings(action="always"):
        bridge_libraries(make_logger(TelemetrySettings(log_format="json"), service="prices", stream=told))
        yield told
        logging.captureWarnings(False)
    for name in ("kafka", "yfinance", "bs4", "peewee", "py.warnings"):
        library = logging.getLogger(name)
        for handler in [each for each in library.handlers if isinstance(each, Bridge)]:
            library.removeHandler(handler)


def test_a_warning_of_python_is_a_line_of_our_log(
    stream: io.StringIO, capfd: pytest.CaptureFixture[str]
) -> None:
    warnings.warn("pandas will change", FutureWarning, stacklevel=1)
    (line,) = stream.getvalue().splitlines()
    assert "pandas will change" in json.loads(line)["event"]
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("name", ["yfinance", "bs4.dammit", "peewee"])
def test_a_line_of_a_library_is_a_line_of_our_log(
    name: str, stream: io.StringIO, capfd: pytest.CaptureFixture[str]
) -> None:
    logging.getLogger(name).error("$BZ=F: possibly delisted")
    (line,) = stream.getvalue().splitlines()
    assert (json.loads(line)["level"], json.loads(line)["logger"]) == ("error", name)
    assert capfd.readouterr() == ("", "")


def test_a_service_shows_what_its_process_uses(stream: io.StringIO) -> None:
    registry = CollectorRegistry()
    open_telemetry("prices", Settings(), registry)
    assert (registry.get_sample_value("process_resident_memory_bytes") or 0) > 1e6
    assert (registry.get_sample_value("process_cpu_seconds_total") or 0) > 0
    assert (registry.get_sample_value("process_open_fds") or 0) > 0
    assert (registry.get_sample_value("process_start_time_seconds") or 0) > 1e9
    assert stream.getvalue() == ""


def test_what_works_beside_the_jobs_ends_before_they_leave_their_group() -> None:
    """The notifier writes its last outcomes before a standby takes over."""
    broker, stop, seen = FakeBroker(), threading.Event(), list[bool]()
    for name in ("in", "dead"):
        broker.make_topic(name)
    job = Job(group="test", topic="in", dead_topic="dead", open=lambda _: Stateless(lambda _: ()))

    def work(stopped: threading.Event) -> None:
        while not (group := broker.groups.get("test")) or not group.members:
            stopped.wait(0.01)
        stop.set()
        assert stopped.wait(30)
        end = broker.clock + 5.0
        while group.members and broker.clock < end:  # the jobs go round meanwhile
            time.sleep(0.001)
        seen.append(bool(group.members))

    metrics = Metrics(CollectorRegistry(), "notify")
    log = make_logger(TelemetrySettings(log_level="error"), service="notify")
    telemetry = Telemetry(metrics, Health(60.0), log)
    run_jobs(JobGroup(main=job, run=work), FakeCluster(broker), telemetry, stop)
    assert seen == [True]
    assert not broker.groups["test"].members
