"""Children of `brentwatch run` run no code of the working folder, and no secret stands in their words."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from brentwatch import cli
from brentwatch.commands.services import supervise
from brentwatch.commands.services.reports import Reporter, Reports
from brentwatch.core.errors import SettingsError
from brentwatch.settings.origins import Assignment, Sources

pytestmark = [pytest.mark.attack, pytest.mark.slow]

PLAIN = {name: value for name, value in os.environ.items() if not name.startswith("BRENTWATCH")}
NOWHERE = {
    "kafka.bootstrap": "127.0.0.1:1",
    "kafka.request_timeout_seconds": "0.5",
    "telemetry.ports.screen": "0",
}
NOBODY = tuple(word for key, value in NOWHERE.items() for word in ("--set", f"{key}={value}"))
SOURCES = Sources(flags=tuple(Assignment(key, value) for key, value in NOWHERE.items()))


class Broker:
    """One that answers at once."""

    def __init__(self, *_: object) -> None:
        pass

    def wait(self) -> bool:
        return True


def plant(folder: Path) -> None:
    """Modules that the services import, each of which would tell that it ran."""
    for module in ("structlog", "kafka", "click", "prometheus_client", "pydantic"):
        (folder / f"{module}.py").write_text(f"open({str(folder / module)!r} + '.ran', 'w')\n")


def test_a_module_of_the_working_folder_does_not_run_in_children(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(tmp_path)
    monkeypatch.chdir(tmp_path)
    child, reports = supervise._start("screen", SOURCES)
    with child:
        code = child.wait(120)

    assert code == 6
    assert "Kafka at 127.0.0.1:1 failed while connecting" in reports.find_failure()
    assert list(tmp_path.glob("*.ran")) == []
    reports.close()


def test_nor_in_the_command_as_a_module(tmp_path: Path) -> None:
    plant(tmp_path)
    words = [sys.executable, "-m", "brentwatch", "config", "show"]
    done = subprocess.run(
        words, cwd=tmp_path, env=PLAIN, capture_output=True, text=True, timeout=120, check=False
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert list(tmp_path.glob("*.ran")) == []


@pytest.mark.parametrize("words", [("chart", "vorukh-2021"), ("replay", "vorukh-2021")], ids=" ".join)
def test_no_settings_of_a_library_are_read_there(tmp_path: Path, words: tuple[str, ...]) -> None:
    """matplotlib would read its own, and wait for ever where they are a pipe."""
    os.mkfifo(tmp_path / "matplotlibrc")
    command = [sys.executable, "-m", "brentwatch", *words]
    done = subprocess.run(command, cwd=tmp_path, env=PLAIN, capture_output=True, timeout=120, check=False)

    assert (done.returncode, done.stderr) == (0, b"")


def test_a_secret_in_a_flag_starts_no_child(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    started: list[object] = []
    monkeypatch.setattr(supervise, "BrokerWait", Broker)
    monkeypatch.setattr(supervise, "_start", lambda *words: started.append(words))

    assert cli.main(["run", "screen", "monitor", "--set", "kafka.security.password=hunter2"]) == 3
    assert started == []
    assert "hunter2" not in capsys.readouterr().err


def words_of(child: subprocess.Popen[bytes]) -> bytes:
    """As `ps` shows them; there are none until the system has set the process up."""
    path = Path(f"/proc/{child.pid}/cmdline")
    while not (words := path.read_bytes()) and child.poll() is None:
        pass
    return words


@pytest.mark.skipif(
    not Path("/proc/self/cmdline").exists(), reason="Linux shows the words of a process there"
)
def test_a_secret_of_the_environment_stands_in_no_words_of_a_child(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    seen: list[bytes] = []

    def watched(children: dict[str, subprocess.Popen[bytes]], _: object) -> None:
        for child in children.values():
            seen.append(words_of(child))
            assert child.stdin is not None
            child.stdin.close()

    monkeypatch.setattr(supervise, "BrokerWait", Broker)
    monkeypatch.setattr(supervise, "_wait", watched)
    monkeypatch.chdir(tmp_path)
    given = {"PROTOCOL": "SASL_SSL", "MECHANISM": "PLAIN", "USERNAME": "desk", "PASSWORD": "hunter2"}
    for name, value in given.items():
        monkeypatch.setitem(os.environ, f"BRENTWATCH_KAFKA__SECURITY__{name}", value)

    assert cli.main(["run", "screen", "monitor", *NOBODY]) == 0
    assert len(seen) == 2
    assert all(b"kafka.bootstrap" in words and b"hunter2" not in words for words in seen)


def finished(code: str) -> subprocess.Popen[bytes]:
    child = subprocess.Popen([sys.executable, "-c", code])
    child.wait(60)
    return child


@pytest.mark.parametrize(
    ("code", "reported", "returned", "told", "explained"),
    [
        ("raise SystemExit(3)", "port 9472 cannot be used", 3, "ended with exit code 3", "failed: port 9472"),
        ("raise SystemExit(70)", "", 70, "ended with exit code 70", "see its last log lines above"),
        ("raise SystemExit(0)", "", 1, "ended with exit code 0", "To run it alone: brentwatch run monitor"),
        ("import os; os.kill(os.getpid(), 9)", "", 1, "was ended by SIGKILL", "the system ran out of memory"),
    ],
    ids=["reported", "silent", "without a reason", "killed"],
)
def test_a_service_that_ends_is_named_with_its_reason_below_the_logs_of_the_others(
    code: str,
    reported: str,
    returned: int,
    told: str,
    explained: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def start(name: str, _: Sources) -> tuple[subprocess.Popen[bytes], Reports]:
        reading, writing = os.pipe()
        if reported:
            with suppress(SettingsError), Reporter(writing).report_failure():
                raise SettingsError(reported)
        os.close(writing)
        return finished(code), Reports(reading)

    monkeypatch.setattr(supervise, "BrokerWait", Broker)
    monkeypatch.setattr(supervise, "_start", start)

    assert supervise.supervise(("monitor", "screen"), SOURCES) == returned
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "brentwatch: starting monitor, screen"
    assert lines[1] == f"brentwatch: monitor {told}; stopping the other services"
    assert lines[2].startswith("brentwatch: monitor ")
    assert explained in lines[2]
