"""The real Prometheus and Alertmanager in a test: free ports, a scratch folder, ended by their process ids.

    with run_prometheus(tmp_path, configuration) as server:
        assert server.query("up == 1")

Prometheus scrapes nothing, and finds no Alertmanager, in its first five seconds, which no option changes:
start it before whatever else a test starts. A test that needs them calls `need_programs` first, which skips
it by name where a program is missing.
"""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

PROMETHEUS = "prometheus"
PROMTOOL = "promtool"
ALERTMANAGER = "prometheus-alertmanager"
AMTOOL = "amtool"

_PATIENCE_SECONDS = 60.0
_LOOK_SECONDS = 0.02
_STARTS = 5
"""A free port may be taken by somebody else before the program binds it."""


def need_programs(*names: str) -> None:
    """Skip the test, by name, where a program is missing."""
    absent = [name for name in names if shutil.which(name) is None]
    if absent:
        packages = "prometheus prometheus-alertmanager chromium"
        pytest.skip(f"expected the programs {' and '.join(absent)}; apt-get install {packages}")


def check_with(program: str, *words: str) -> str:
    """Run promtool or amtool to its end and give what it printed; a fault it finds fails the test."""
    done = subprocess.run([program, *words], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, f"{program} {' '.join(words)}:\n{done.stdout}{done.stderr}"
    return done.stdout + done.stderr


class MetricsServer:
    """A program of the Prometheus project that runs beside the test."""

    def __init__(self, port: int) -> None:
        self.address = f"127.0.0.1:{port}"

    def get(self, path: str, **parameters: str) -> Any:
        """What the API answers to GET, read as JSON if it is.

        Raises:
            AssertionError: with the answer, if it is not 200.
        """
        query = f"?{urllib.parse.urlencode(parameters)}" if parameters else ""
        try:
            with urllib.request.urlopen(f"http://{self.address}{path}{query}", timeout=30) as answer:
                body = answer.read().decode()
                is_json = "json" in answer.headers.get("Content-Type", "")
        except urllib.error.HTTPError as error:
            with error:
                raise AssertionError(f"{path}{query}: {error.code} {error.read().decode()}") from error
        return json.loads(body) if is_json else body

    def is_ready(self) -> bool:
        """True when it can be asked."""
        try:
            self.get("/-/ready")
        except (OSError, AssertionError):
            return False
        return True


class Prometheus(MetricsServer):
    """A Prometheus that runs beside the test."""

    def query(self, expression: str, at: float | None = None) -> list[dict[str, Any]]:
        """The samples of an instant query, each with `metric` and `value`; empty where nothing matches."""
        moment = {} if at is None else {"time": str(at)}
        return self._result("/api/v1/query", query=expression, **moment)

    def query_range(self, expression: str, start: float, end: float, step: float) -> list[dict[str, Any]]:
        """The series of a range query, each with `metric` and `values`."""
        times = {"start": str(start), "end": str(end), "step": str(step)}
        return self._result("/api/v1/query_range", query=expression, **times)

    def read_values(self, expression: str, *labels: str) -> dict[tuple[str, ...], float]:
        """The values of an instant query by the named labels."""
        found = self.query(expression)
        return {
            tuple(each["metric"].get(label, "") for label in labels): float(each["value"][1])
            for each in found
        }

    def list_alerts(self, state: str = "firing") -> list[dict[str, Any]]:
        """The alerts of its rules in a state, pending or firing, each with `labels` and `annotations`."""
        alerts = self.get("/api/v1/alerts")["data"]["alerts"]
        return [alert for alert in alerts if alert["state"] == state]

    def list_rules(self) -> list[dict[str, Any]]:
        """Its rules, each with `name`, `health` and, if it failed, `lastError`."""
        groups = self.get("/api/v1/rules")["data"]["groups"]
        return [rule for group in groups for rule in group["rules"]]

    def list_targets(self) -> list[dict[str, Any]]:
        """What it scrapes, each with `labels`, `health` and `lastError`."""
        targets: list[dict[str, Any]] = self.get("/api/v1/targets", state="active")["data"]["activeTargets"]
        return targets

    def _result(self, path: str, **parameters: str) -> list[dict[str, Any]]:
        result: list[dict[str, Any]] = self.get(path, **parameters)["data"]["result"]
        return result


class Alertmanager(MetricsServer):
    """An Alertmanager that runs beside the test."""

    def list_alerts(self) -> list[dict[str, Any]]:
        """Its alerts, each with `labels` and `status`, which names those that inhibit it."""
        alerts: list[dict[str, Any]] = self.get("/api/v2/alerts")
        return alerts

    def post_alerts(self, alerts: Sequence[dict[str, Any]]) -> None:
        """Hand it alerts, as Prometheus does."""
        request = urllib.request.Request(
            f"http://{self.address}/api/v2/alerts",
            data=json.dumps(alerts).encode(),
            headers={"Content-Type": "application/json"},
        )
        urllib.request.urlopen(request, timeout=30).close()  # noqa: S310 - its own address


@contextmanager
def run_prometheus(folder: Path, configuration: str, *options: str) -> Iterator[Prometheus]:
    """A Prometheus with this configuration, from when it is ready until the test is done with it.

    Args:
        folder: takes its configuration, its data and its log; names of rule files are relative to it.
        configuration: the text of `prometheus.yml`.
        options: further options of its command line.
    """
    own = folder / "prometheus"
    own.mkdir(parents=True)
    file = folder / "prometheus.yml"
    file.write_text(configuration, encoding="utf-8")

    def build(port: int) -> list[str]:
        return [
            *(PROMETHEUS, f"--config.file={file}", f"--storage.tsdb.path={own / 'data'}"),
            *(f"--web.listen-address=127.0.0.1:{port}", "--log.level=warn"),
            "--scrape.discovery-reload-interval=100ms",  # first scrape after 5 s, not after up to 10 s
            *options,
        ]

    with _run(build, own / "log") as port:
        yield Prometheus(port)


@contextmanager
def run_alertmanager(folder: Path, configuration: str, *options: str) -> Iterator[Alertmanager]:
    """An Alertmanager with this configuration, from when it is ready until the test is done with it."""
    own = folder / "alertmanager"
    own.mkdir(parents=True)
    file = folder / "alertmanager.yml"
    file.write_text(configuration, encoding="utf-8")

    def build(port: int) -> list[str]:
        return [
            *(ALERTMANAGER, f"--config.file={file}", f"--storage.path={own / 'data'}"),
            *(f"--web.listen-address=127.0.0.1:{port}", "--cluster.listen-address=", "--log.level=warn"),
            *options,
        ]

    with _run(build, own / "log") as port:
        yield Alertmanager(port)


@contextmanager
def _run(build: Callable[[int], list[str]], log: Path) -> Iterator[int]:
    """The port of a program that is ready; `build` gives its command for a port."""
    process, port = _start(build, log)
    try:
        yield port
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=15)
        process.kill()
        process.wait()


def _start(build: Callable[[int], list[str]], log: Path) -> tuple[subprocess.Popen[bytes], int]:
    for _ in range(_STARTS):
        port = find_free_port()
        with log.open("wb") as said:
            process = subprocess.Popen(build(port), stdout=said, stderr=said)
        if _await_ready(MetricsServer(port), process):
            return process, port
        process.kill()
        process.wait()
        if "address already in use" not in log.read_text():
            break
    raise AssertionError(f"{build(0)[0]} did not start:\n{log.read_text()[-3000:]}")


def _await_ready(server: MetricsServer, process: subprocess.Popen[bytes]) -> bool:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        if server.is_ready():
            return process.poll() is None
        time.sleep(_LOOK_SECONDS)
    return False


def find_free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


class WebhookReceiver(ThreadingHTTPServer):
    """Takes the webhooks of Alertmanager on 127.0.0.1; `notices` holds each (path, body) that came."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Taker)
        self.notices: list[tuple[str, dict[str, Any]]] = []

    def url(self, path: str = "/") -> str:
        """The address of a path of it."""
        return f"http://127.0.0.1:{self.server_port}{path}"

    def list_names(self, status: str = "firing", path: str | None = None) -> set[tuple[str, str]]:
        """(alert, job) of every alert that came with a status, on a path or on any."""
        bodies = [body for at, body in list(self.notices) if path in {None, at}]
        alerts = [alert for body in bodies for alert in body["alerts"] if alert["status"] == status]
        return {(alert["labels"]["alertname"], alert["labels"].get("job", "")) for alert in alerts}

    def __enter__(self) -> WebhookReceiver:
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()


class _Taker(BaseHTTPRequestHandler):
    server: WebhookReceiver

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.notices.append((self.path, body))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """What comes in stands in `notices`."""
