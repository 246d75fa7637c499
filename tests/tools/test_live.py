"""What `make live` shows, and what it says where its tools are missing."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest
from tools.live.picture import READING_SECONDS, ShownLine, draw, shorten_waits
from tools.live.show import WIDTH, Display, fold
from tools.live.stage import read_objects

CHECKOUT = Path(__file__).parents[2]
SVG_TAGS = {"svg", "title", "style", "defs", "clipPath", "rect", "g", "circle", "text"}
ALERT = ("CRITICAL ▲ Brent +11.7 %", "Brent spot +11.7 %, +7.17 USD/bbl (61.25 to 68.42), " * 5)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def show(out: io.StringIO) -> list[str]:
    display = Display(out)
    display.step("Kafka", "starting " + "and waiting " * 20)
    display.step("Kafka", "answers")
    display.step("topics", "brentwatch topics create", is_command=True)
    display.show_alert(ALERT)
    display.show_table("Running now", [("screen", "http://127.0.0.1:1/metrics")])
    display.show_commands("Try next", [("look it over", "brentwatch doctor"), ("", "brentwatch alerts list")])
    return out.getvalue().splitlines()


@pytest.mark.parametrize(("columns", "widest"), [("80", 80), ("200", WIDTH)])
def test_no_line_is_wider_than_the_terminal_and_no_two_are_empty(
    monkeypatch: pytest.MonkeyPatch, columns: str, widest: int
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    lines = show(io.StringIO())

    assert widest - 10 < max(map(len, lines)) <= widest
    assert all(line or following for line, following in pairwise(lines))


def test_each_step_has_its_time_and_a_part_is_named_once() -> None:
    lines = show(io.StringIO())

    assert lines[0].startswith("  0.0 s  Kafka       starting and waiting")
    assert [line[:21].split() for line in lines if "answers" in line] == [["0.0", "s"]]
    assert "  0.0 s  topics      brentwatch topics create" in lines


def test_colour_is_for_terminals_alone_and_not_if_it_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert "\x1b" not in "".join(show(io.StringIO()))
    assert "\x1b[31m" in "".join(show(Terminal()))
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in "".join(show(Terminal()))


@pytest.mark.parametrize("width", range(20, 60))
def test_a_number_stays_with_its_unit(width: int) -> None:
    lines = fold(ALERT[1], width)

    assert " ".join(lines).split() == ALERT[1].split()
    assert not any(line.startswith(("%", "USD/bbl")) for line in lines)


LINES = [ShownLine(0.1, "one"), ShownLine(0.2, "two <b>"), ShownLine(30.2, ""), ShownLine(30.2, "three")]
RULE = re.compile(
    r"^@keyframes at-(\d+) \{ 0% \{ visibility: hidden \} ([\d.]+)% \{ visibility: visible \} \}$"
)


def read_rules(svg: str) -> list[tuple[int, float]]:
    """The moment at which lines appear, in tenths of a second, and its share of the whole in percent."""
    rules = [RULE.match(line) for line in svg.splitlines() if line.startswith("@keyframes")]
    return [(int(found[1]), float(found[2])) for found in rules if found]


@pytest.fixture(params=["of these lines", "of the gallery"])
def recording(request: pytest.FixtureRequest) -> str:
    if request.param == "of these lines":
        return draw(LINES)
    return (CHECKOUT / "docs" / "gallery" / "live.svg").read_text(encoding="utf-8")


def test_a_recording_is_small_and_nothing_in_it_acts_or_comes_from_elsewhere(recording: str) -> None:
    root = ElementTree.fromstring(recording)  # noqa: S314 - our own

    assert len(recording) < 60_000
    assert {each.tag.rpartition("}")[2] for each in root.iter()} == SVG_TAGS
    assert not [
        name for each in root.iter() for name in each.attrib if name.startswith("on") or "href" in name
    ]
    assert set(re.findall(r"https?://([^/:]+)", recording)) <= {"127.0.0.1", "www.w3.org"}
    assert not re.search(r"@import|url\((?!#live-)", recording)


def test_each_line_of_a_recording_appears_at_its_time_and_all_stay_to_be_read(recording: str) -> None:
    rules = read_rules(recording)
    (seconds,) = {float(each) for each in re.findall(r"at-\d+ ([\d.]+)s step-end infinite", recording)}

    assert rules == sorted(rules)
    assert all(share == pytest.approx(10.0 * at / seconds, abs=0.01) for at, share in rules)
    assert seconds - rules[-1][0] / 10 == pytest.approx(READING_SECONDS)
    assert {int(each) for each in re.findall(r"<text class=\"at-(\d+) ", recording)} == {
        0,
        *(at for at, _ in rules),
    }


def test_without_animations_a_recording_shows_the_whole_screen(recording: str) -> None:
    """Only the keyframes hide a line, and no rule of these is used by people who want no motion."""
    still = re.sub(r"^@keyframes.*$", "", recording, flags=re.MULTILINE)

    assert "visibility" not in still
    assert "@media (prefers-reduced-motion: reduce) { text { animation: none !important } }" in recording


def test_a_recording_shortens_long_waits_alone() -> None:
    assert shorten_waits([0.0, 0.1, 0.3, 60.0, 60.1]) == [0.0, 0.1, 0.3, 1.0, 1.1]
    assert [at for at, _ in read_rules(draw(LINES))] == [1, 2, 9]
    assert "two\xa0&lt;b&gt;" in draw(LINES).replace("&#160;", "\xa0")


def test_a_terminal_that_is_gone_stops_nothing() -> None:
    out = io.StringIO()
    display = Display(out)
    out.close()

    display.step("end", "stopping")


def test_without_java_and_maven_it_says_what_to_install_and_what_works_without(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "tools.live"],
        cwd=CHECKOUT,
        env={**os.environ, "PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert (done.returncode, done.stdout) == (1, "")
    assert "a Kafka broker of its own. It needs Java 17 (java) and Maven (mvn)." in done.stderr
    assert "sudo apt-get install openjdk-17-jre-headless maven" in done.stderr
    assert "`make demo` works" in done.stderr


def test_an_older_java_is_named_with_its_version(tmp_path: Path) -> None:
    for name in ("java", "mvn"):
        tool = tmp_path / name
        tool.write_text("#!/bin/sh\necho 'openjdk version \"11.0.2\" 2019-01-15' >&2\n")
        tool.chmod(0o755)
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "tools.live"],
        cwd=CHECKOUT,
        env={**os.environ, "PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert done.returncode == 1
    assert "Java 17 or newer (java is version 11)" in done.stderr


def test_a_line_that_two_services_share_gives_both_objects() -> None:
    assert [*read_objects('{"a": 1}{"b": 2}')] == [{"a": 1}, {"b": 2}]
    assert [*read_objects('{"a": 1}{"b": ')] == [{"a": 1}]
