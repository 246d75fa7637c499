"""What holds for every test run: its last lines say what was measured, and what was not run and why."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from collections.abc import Generator


def pytest_configure(config: pytest.Config) -> None:
    """No test of hypothesis depends on the speed of the machine; and kafka-python warns while it is imported.

    kafka-python 3.0.12 does so in the name of importlib, on CPython 3.11 and 3.12.
    """
    settings.register_profile("brentwatch", deadline=None, suppress_health_check=[HealthCheck.too_slow])
    settings.load_profile("brentwatch")
    config.addinivalue_line("filterwarnings", r"ignore:(open|read)_text is deprecated:DeprecationWarning")


@pytest.fixture(autouse=True)
def _a_wide_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tables are as wide as whoever runs the tests allows, and here always the same."""
    monkeypatch.setenv("COLUMNS", "110")


@pytest.fixture
def without_pyarrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """The extra `parquet` is as good as not installed: an import of pyarrow fails."""
    for name in ("pyarrow", "pyarrow.parquet"):
        monkeypatch.setitem(sys.modules, name, None)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> Generator[None, None, None]:
    """Say last of all how many tests wanted a broker and had none."""
    yield
    terminal = session.config.pluginmanager.get_plugin("terminalreporter")
    if terminal is not None and (line := not_run(terminal.stats.get("skipped", []))):
        terminal.write_line(line, yellow=True)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what tests recorded as `measured`, in whichever process they ran."""
    for report in terminalreporter.stats.get("passed", []):
        for name, value in report.user_properties:
            if name == "measured":
                terminalreporter.write_line(f"measured: {value}")


def not_run(skipped: list[pytest.TestReport]) -> str:
    """One line about the skipped tests that need a real broker: how many, and the reason of the first."""
    wanting = [report for report in skipped if "kafka" in report.keywords]
    if not wanting:
        return ""
    reason = str(wanting[0].longrepr[2] if isinstance(wanting[0].longrepr, tuple) else wanting[0].longrepr)
    tests = "1 test" if len(wanting) == 1 else f"{len(wanting)} tests"
    return f"not run: {tests} on a real broker ({reason.removeprefix('Skipped: ')})"
