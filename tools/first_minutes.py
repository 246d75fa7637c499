"""Plays the first five minutes of a trader, a quant and an operator in a fresh clone: `make first-minutes`.

`python -m tools.first_minutes trader` plays one of them. The clone is of the last commit, in a folder that is
removed at the end, and has an environment of its own. Each step prints its seconds; a step that does not end
where it should prints what it saw, and the exit code is 1.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from urllib.request import ProxyHandler, build_opener

import yaml
from tests.deploy.prometheus_server import find_free_port, run_prometheus
from tests.deploy.scaled import scale_times
from tests.web.stub import Answer, Asked, Stub

ROOT = Path(__file__).parents[1]
RULES = ROOT / "deploy" / "prometheus" / "rules" / "brentwatch.yml"
LONGEST_SECONDS = 600.0
RULES_SECONDS = 60.0
DATES = (("14/09/2019", "Abqaiq"), ("05/01/2022", "Kazakhstan"), ("13/06/2025", "Iran"))

NOTEBOOK = """
import brentwatch
events = brentwatch.bundled_events(country="IRN")
impact = brentwatch.impact(events)
print(impact.summary())
impact.plot()
"""
NOTEBOOK_OTHER = """
import brentwatch, pandas as pd
wti = pd.read_csv("wti.csv", parse_dates=["date"], index_col="date")["usd_per_bbl"]
events = {"Abqaiq": "2019-09-14T00:45Z", "Kazakhstan": "2022-01-05"}
print(brentwatch.event_study(events, wti, window=(0, 1)).summary())
print(brentwatch.impact(events, wti, model="ewma-rank").to_frame())
"""
NOTEBOOK_SIZES = """
import brentwatch, pandas as pd
wti = pd.read_csv("wti.csv", parse_dates=["date"], index_col="date")["usd_per_bbl"]
print(brentwatch.sizes(wti).to_string())
"""


class WrongEnd(Exception):
    """A step did not end where it should; the message says what was seen."""


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Where a newcomer works: the clone, with its environment, and a folder of their own files."""

    clone: Path
    desk: Path

    @property
    def environment(self) -> dict[str, str]:
        """The shell after `source .venv/bin/activate`."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("BRENTWATCH")}
        kept |= {"PATH": f"{self.clone / '.venv' / 'bin'}:{os.environ['PATH']}", "COLUMNS": "100"}
        return kept | {"MPLBACKEND": "Agg"}

    def run(self, *words: str, folder: Path | None = None, **variables: str) -> str:
        """What a command prints; a failure is the wrong end."""
        done = subprocess.run(
            words,
            cwd=folder or self.desk,
            env=self.environment | variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=LONGEST_SECONDS,
            check=False,
        )
        if done.returncode:
            raise WrongEnd(f"exit code {done.returncode}:\n{done.stdout[-2000:]}")
        return done.stdout


def expect(text: str, *patterns: str) -> None:
    """Each pattern must be in a text."""
    missing = [pattern for pattern in patterns if not re.search(pattern, text)]
    if missing:
        raise WrongEnd(f"expected {' and '.join(map(repr, missing))}, got:\n{text[-2000:]}")


# The trader.


def see_the_demo(newcomer: Newcomer) -> None:
    """`make demo` sets up the clone and tells of an alert and a quiet day."""
    said = newcomer.run("make", "demo", folder=newcomer.clone, PATH=os.environ["PATH"])
    expect(
        said, r"CRITICAL ▲ Brent \+11\.7 %", r"both days .*\+3\.3 %.* normal", r"\.venv/bin/brentwatch study"
    )


def call_the_command(newcomer: Newcomer) -> None:
    """After the line of the README, `brentwatch` is found in any folder."""
    said = newcomer.run("bash", "-c", f"source {newcomer.clone}/.venv/bin/activate && brentwatch --version")
    expect(said, r"\d+\.\d+")


def study_own_dates(newcomer: Newcomer) -> None:
    """Three dates from Excel: three verdicts, and a page to forward."""
    write_workbook(newcomer.desk / "mine.xlsx", [("Date", "Event"), *DATES])
    said = newcomer.run("brentwatch", "study", "mine.xlsx", "--html", "mine.html")
    expect(said, *(f"(?m)^{name} " for _, name in DATES), "abnormal", "normal")
    page = (newcomer.desk / "mine.html").read_text(encoding="utf-8")
    expect(page, "<table", "Abqaiq", "Kazakhstan", "Iran")


def send_a_test(newcomer: Newcomer) -> None:
    """`alerts test slack` posts the Abqaiq alert, marked TEST, to a Slack on 127.0.0.1."""
    with FakeSlack() as slack:
        said = newcomer.run(
            *("brentwatch", "alerts", "test", "slack", "--set", "notify.slack.hosts=127.0.0.1"),
            BRENTWATCH_NOTIFY__SLACK__URL=f"{slack.url}/services/T0/B0/secret",
        )
        posted = "\n".join(str(json.loads(asked.body)) for asked in slack.asked)
    expect(posted, "TEST", "Abqaiq", r"\+11\.7 %")
    expect(said, "accepted|slack")


class FakeSlack(Stub):
    """Takes every message, as an incoming webhook does."""

    def routes(self, asked: Asked) -> Answer:
        """Slack's own answer."""
        return Answer(b"ok")


def write_workbook(path: Path, rows: list[tuple[str, str]]) -> None:
    """The smallest workbook that Excel opens, of texts."""
    cells = "".join(
        "<row>" + "".join(f'<c t="inlineStr"><is><t>{escape(cell)}</t></is></c>' for cell in row) + "</row>"
        for row in rows
    )
    main, relations = "http://schemas.openxmlformats.org/spreadsheetml/2006/main", "relationships"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    files = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types"><Default Extension="rels" '
        f'ContentType="application/vnd.openxmlformats-package.{relations}+xml"/><Override '
        f'PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/><Override '
        f'PartName="/xl/worksheets/sheet1.xml" ContentType="{kind}.worksheet+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{package}/{relations}"><Relationship Id="r1" '
        f'Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets><sheet name="Dates" '
        'sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/{relations}"><Relationship Id="r1" '
        f'Type="{office}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>{cells}</sheetData></worksheet>',
    }
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, f'<?xml version="1.0" encoding="UTF-8"?>{text}')


# The quant.


def prepare(newcomer: Newcomer) -> None:
    """The clone's environment, if the trader has not made it; WTI prices in place of those of yfinance."""
    newcomer.run("make", ".venv/.ready", folder=newcomer.clone)
    shutil.copy(newcomer.clone / "benchmarks" / "data" / "wti_spot.csv", newcomer.desk / "wti.csv")


def study_bundled_events(newcomer: Newcomer) -> None:
    """`impact(bundled_events(country="IRN"))` has a summary and a plot."""
    expect(newcomer.run("python", "-c", NOTEBOOK), "IRN|Iran|2026", "p")


def study_on_own_prices(newcomer: Newcomer) -> None:
    """The same with another window, another model and own prices."""
    expect(newcomer.run("python", "-c", NOTEBOOK_OTHER), "Abqaiq", "Kazakhstan")


def measure_sizes(newcomer: Newcomer) -> None:
    """`sizes` says how often the models are wrong on these prices."""
    expect(newcomer.run("python", "-c", NOTEBOOK_SIZES), "adaptive-garch-t", r"0\.0\d")


def read_the_methods(newcomer: Newcomer) -> None:
    """The pages on methods name the papers."""
    pages = [newcomer.clone / "docs" / name for name in ("methods.md", "event-study.md")]
    text = "\n".join(page.read_text(encoding="utf-8") for page in pages)
    expect(text, *(f"{name}[^\n]*(19|20)[0-9]{{2}}" for name in ("Patell", "Corrado", "Kolari", "Gibbs")))


# The operator.


@dataclass(slots=True)
class Desk:
    """A running `make live`."""

    process: subprocess.Popen[str]
    lines: list[str] = field(default_factory=list)

    def read_until(self, end: str) -> str:
        """All lines up to one that holds a text."""
        for line in self.process.stdout or ():
            self.lines.append(line)
            if end in line:
                return "".join(self.lines)
        raise WrongEnd("make live ended early:\n" + "".join(self.lines)[-3000:])


@contextmanager
def run_desk(newcomer: Newcomer) -> Iterator[Desk]:
    """`make live`, until the context ends."""
    process = subprocess.Popen(
        [newcomer.clone / ".venv" / "bin" / "python", "-W", "ignore", "-m", "tools.live"],
        cwd=newcomer.clone,
        env=newcomer.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield Desk(process)
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=LONGEST_SECONDS)


def list_operator_steps(parts: ExitStack, newcomer: Newcomer) -> list[Callable[[Newcomer], None]]:
    """The steps of the operator share one desk."""
    desks: list[Desk] = []

    def see_an_alert(newcomer: Newcomer) -> None:
        """`make live` shows an alert, and metrics and health answer."""
        desk = parts.enter_context(run_desk(newcomer))
        desks.append(desk)
        said = desk.read_until("Ctrl-C ends all of it.")
        said = desk.read_until("Ctrl-C ends all of it.") if said.count("\n") < 3 else said
        expect(said, r"CRITICAL ▲ Brent \+11\.7 %")
        addresses = re.findall(r"(http://127\.0\.0\.1:\d+)/metrics", said)
        for address in addresses:
            expect(get(f"{address}/metrics"), "brentwatch_")
            get(f"{address}/readyz")
        if len(addresses) < 4:
            raise WrongEnd(f"expected four services, got {addresses}")

    def ask_the_doctor(newcomer: Newcomer) -> None:
        """`brentwatch doctor` looks the desk over."""
        expect(newcomer.run("bash", "-c", f"source {find_env(desks)} && brentwatch doctor || true"), "broker")

    def read_operations(newcomer: Newcomer) -> None:
        """The page on operations has rules, metrics, upgrade and backup."""
        text = (newcomer.clone / "docs" / "operations.md").read_text(encoding="utf-8")
        expect(text, "## Prometheus", "## Upgrade", "## Back up and restore", r"metrics\.md|/metrics")

    def kill_the_monitor(newcomer: Newcomer) -> None:
        """A second monitor is killed: `Down` fires in Prometheus, with the rules sixty times as fast."""
        if not shutil.which("prometheus"):
            print("      Prometheus is not installed: left out")
            return
        watch_a_killed_monitor(newcomer, find_env(desks))

    return [see_an_alert, ask_the_doctor, read_operations, kill_the_monitor]


def find_env(desks: list[Desk]) -> str:
    """The file by which the commands of a shell mean the desk."""
    (desk,) = desks
    (path,) = set(re.findall(r"source (\S+/env)", "".join(desk.lines)))
    return str(path)


def watch_a_killed_monitor(newcomer: Newcomer, env: str) -> None:
    """Start a replica of the monitor, kill it, and wait for the alert of Prometheus."""
    port = find_free_port()
    command = (
        f"source {env} && exec brentwatch run monitor --set kafka.replica=second "
        f"--set telemetry.ports.monitor={port}"
    )
    monitor = subprocess.Popen(
        ["bash", "-c", command],
        cwd=newcomer.desk,
        env=newcomer.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    folder = newcomer.desk / "prometheus"
    folder.mkdir()
    (folder / "rules.yml").write_text(scale_times(RULES.read_text(encoding="utf-8"), 60), encoding="utf-8")
    configuration = {
        "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
        "rule_files": ["rules.yml"],
        "scrape_configs": [{"job_name": "monitor", "static_configs": [{"targets": [f"127.0.0.1:{port}"]}]}],
    }
    try:
        with run_prometheus(folder, yaml.safe_dump(configuration)) as prometheus:
            await_true(
                lambda: prometheus.read_values("up", "job") == {("monitor",): 1.0}, "the monitor is up"
            )
            os.killpg(monitor.pid, signal.SIGKILL)
            await_true(
                lambda: any(
                    (each["labels"]["alertname"], each["labels"].get("job")) == ("Down", "monitor")
                    for each in prometheus.list_alerts()
                ),
                "Down fires for the monitor",
            )
    finally:
        if monitor.poll() is None:
            os.killpg(monitor.pid, signal.SIGKILL)
        monitor.wait()


def await_true(is_true: Callable[[], bool], what: str) -> None:
    """Wait until something holds."""
    end = time.monotonic() + RULES_SECONDS
    while not is_true():
        if time.monotonic() > end:
            raise WrongEnd(f"not within {RULES_SECONDS:.0f} s: {what}")
        time.sleep(0.2)


def get(address: str) -> str:
    """The text that an address on this machine answers."""
    with build_opener(ProxyHandler({})).open(address, timeout=10) as answer:
        return str(answer.read().decode())


# All three.

TRADER = (see_the_demo, call_the_command, study_own_dates, send_a_test)
QUANT = (prepare, study_bundled_events, study_on_own_prices, measure_sizes, read_the_methods)


def play(who: str, newcomer: Newcomer) -> int:
    """Take the steps of one newcomer, and give the number that failed."""
    print(f"{who}:")
    with ExitStack() as parts:
        steps = {"trader": TRADER, "quant": QUANT}.get(who) or list_operator_steps(parts, newcomer)
        return sum(not take(step, newcomer) for step in steps)


def take(step: Callable[[Newcomer], None], newcomer: Newcomer) -> bool:
    """Take one step, print its seconds, and give whether it ended where it should."""
    began, fault = time.monotonic(), ""
    try:
        step(newcomer)
    except (WrongEnd, OSError, ValueError, subprocess.TimeoutExpired) as error:
        fault = str(error)
    title = " ".join((step.__doc__ or "").split())
    print(f"  {time.monotonic() - began:6.1f} s  {'FAILED' if fault else 'ok'}  {title}", flush=True)
    if fault:
        print("      " + fault.replace("\n", "\n      "), flush=True)
    return not fault


def main(chosen: list[str]) -> int:
    """Play those who are named, or all, in one clone."""
    with tempfile.TemporaryDirectory(prefix="first-minutes-") as folder:
        clone, desk = Path(folder, "brentwatch"), Path(folder, "desk")
        subprocess.run(["git", "clone", "--quiet", ROOT, clone], check=True)
        desk.mkdir()
        newcomer = Newcomer(clone=clone, desk=desk)
        if chosen == ["operator"]:
            prepare(newcomer)
        failed = sum(play(who, newcomer) for who in chosen or ("trader", "quant", "operator"))
    print(f"{failed} steps failed" if failed else "every step ended where it should")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
