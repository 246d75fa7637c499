"""The progress of long work: when it is shown, what it says, and how a terminal and a log differ."""

from __future__ import annotations

import os
import pty
import subprocess
import sys

import pytest

from brentwatch.commands.progress import ProgressLines, StepCount, format_seconds, track_progress

SLOW = """
import sys, time
from brentwatch.commands import progress
progress.QUIET_SECONDS = 0.0
progress.LINE_SECONDS = 0.0
for item in progress.track_progress(range(5), "replay", unit="signals", total=5):
    print("item", item)
    if item == 2:
        progress.say("a fault")
"""


class Shown:
    """A display in memory, and the clock of the work."""

    def __init__(self) -> None:
        self.now = 0.0
        self.opened = self.closed = 0
        self.said: list[tuple[int, float | None]] = []

    def open_display(self) -> Shown:
        self.opened += 1
        return self

    def show(self, done: int, left_seconds: float | None) -> None:
        self.said.append((done, left_seconds))

    def close(self) -> None:
        self.closed += 1


def work(shown: Shown, total: int | None, done: int = 0) -> StepCount:
    return StepCount(shown.open_display, total=total, done=done, pause_seconds=10.0, clock=lambda: shown.now)


def test_work_that_ends_within_two_seconds_shows_nothing() -> None:
    shown = Shown()
    progress = work(shown, 100)
    for _ in range(100):
        shown.now += 0.019
        progress.advance()
    progress.close()

    assert (shown.opened, shown.closed, shown.said) == (0, 0, [])


def test_longer_work_is_shown_from_the_third_second_and_then_at_each_pause() -> None:
    shown = Shown()
    progress = work(shown, 100)
    for _ in range(100):
        shown.now += 0.5
        progress.advance()
    progress.close()

    assert [done for done, _ in shown.said] == [4, 24, 44, 64, 84]
    assert [left for _, left in shown.said] == pytest.approx([48.0, 38.0, 28.0, 18.0, 8.0])
    assert (shown.opened, shown.closed) == (1, 1)


def test_what_an_earlier_run_did_counts_as_done_and_not_as_speed() -> None:
    shown = Shown()
    progress = work(shown, 1_000, done=900)
    shown.now = 5.0
    progress.advance(10)

    ((count, left),) = shown.said
    assert count == 910
    assert left == pytest.approx(45.0)


def test_the_time_left_of_work_of_unknown_length_is_unknown() -> None:
    shown = Shown()
    progress = work(shown, None)
    shown.now = 5.0
    progress.advance(10)

    assert shown.said == [(10, None)]


def test_a_line_gives_count_share_and_time_left(capsys: pytest.CaptureFixture[str]) -> None:
    ProgressLines("replay", "signals", 6_587).show(1_000, 12.3)
    ProgressLines("history build", "files", None).show(1_000, None)

    assert capsys.readouterr().err.splitlines() == [
        "replay: 1,000 of 6,587 signals (15 %), about 12 s left",
        "history build: 1,000 files",
    ]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.2, "1 s"), (89.0, "89 s"), (240.0, "4 min"), (7_800.0, "2 h 10 min")],
)
def test_a_duration_is_given_in_the_unit_that_fits(seconds: float, text: str) -> None:
    assert format_seconds(seconds) == text


def test_tracked_items_are_handed_on_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert list(track_progress("abc", "replay", unit="signals", total=3)) == ["a", "b", "c"]
    assert capsys.readouterr() == ("", "")


def test_a_log_has_a_line_for_each_report_and_no_control_characters() -> None:
    done = subprocess.run([sys.executable, "-c", SLOW], capture_output=True, text=True, check=True)

    assert done.stdout.splitlines() == [f"item {number}" for number in range(5)]
    lines = done.stderr.splitlines()
    assert lines[0].startswith("replay: 1 of 5 signals (20 %)")
    assert "a fault" in lines
    assert "\x1b" not in done.stderr


def test_a_terminal_has_a_bar_that_disappears_and_the_messages_above_it() -> None:
    shown = run_on_terminal(SLOW)

    assert "━" in shown
    assert "1 of 5 signals, " in shown
    assert "a fault\r\n" in shown
    assert shown.rstrip("\r\n").endswith("\x1b[2K")  # the line of the bar is erased


def run_on_terminal(program: str) -> str:
    """What a terminal shows of the standard error of a program."""
    ours, theirs = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "100"}
    process = subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.DEVNULL, stderr=theirs, env=environment
    )
    os.close(theirs)
    shown = b""
    while True:
        try:
            shown += (read := os.read(ours, 4096))
        except OSError:  # Linux says so when the other end is closed
            break
        if not read:
            break
    os.close(ours)
    assert process.wait() == 0
    return shown.decode()
