"""`brentwatch study --pooled`: all events of a file tested together, as text, as rows and as a page."""

# ruff: noqa: RUF001 - figures have a minus sign, not a hyphen

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from tests.commands.test_study_impact import Page, read_rows, run
from tests.core.event_study.series import BRENT

from brentwatch.core.impact.view import POOLED_COLUMNS

EVENTS = "event,date\nfirst <b>protests,2011-02-15\noil fields,2011-02-21\nRas Lanuf,2011-03-04T09:00:00Z\n"
REFUSED = "nowhere,1999-01-04\n"


@pytest.fixture
def quick(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str | Path]:
    """The events, and prices from 2008 to 2012 with a model that needs no fit."""
    monkeypatch.setenv("COLUMNS", "80")
    events, prices = tmp_path / "events.csv", tmp_path / "prices.csv"
    header, *rows = BRENT.read_text().splitlines()
    prices.write_text("\n".join([header, *(row for row in rows if "2008" <= row[:4] <= "2012")]) + "\n")
    events.write_text(EVENTS)
    return [events, "--prices", prices, "--model", "ewma-rank", "--pooled", "--instrument", "brent-spot"]


def test_one_line_a_window_and_the_null_in_words(
    quick: list[str | Path], capsys: pytest.CaptureFixture[str]
) -> None:
    """In 80 columns: estimate, range, p, shifts, what the test finds, and what each of them means."""
    code, out, err = run(capsys, *quick)
    flat = " ".join(out.split())

    assert code == 0
    assert re.search(r"\[0, 0\] 3 [+−]\d\.\d % [+−]\S+ to [+−]\S+ % 0\.\d+ \d{3} \d\.\d %", flat)
    assert re.search(r"3 events on 3 sessions, tested together: [\w ]+ \[0, 0\] [\w ]+, p = 0\.\d+\.", flat)
    assert "Null: the mean standardised abnormal return of these sessions is like that of the same" in flat
    assert "p = (1 + shifts with at least as large a mean) / (1 + shifts)" in flat
    assert re.search(r"at a level of 0\.05; at 0\.01 it is \d+\.\d % for \[0, 0\]", flat)
    assert "p is too small if events were chosen because the price moved" in flat
    assert max(map(len, out.splitlines())) <= 80
    assert "2 events with a date and no time" in err
    assert "the test takes the first, and the window 0,1 has both" in err


def test_programs_get_the_same_figures(quick: list[str | Path], capsys: pytest.CaptureFixture[str]) -> None:
    _, table, _ = run(capsys, *quick)
    _, text, _ = run(capsys, *quick, "--format", "json")
    _, out, _ = run(capsys, *quick, "--format", "csv")
    rows, objects = read_rows(out), json.loads(text)

    assert list(objects[0]) == list(POOLED_COLUMNS) == out.splitlines()[0].split(",")
    assert [row["window"] for row in rows] == ["[0, 0]", "[0, 1]", "[0, 5]"]
    for row, each in zip(rows, objects, strict=True):
        assert float(row["p"]) == each["p"] == pytest.approx((1 + each["exceedances"]) / (1 + each["shifts"]))
        assert each["smallest_p"] == pytest.approx(1.0 / (1.0 + each["shifts"]))
        assert each["low"] < each["estimate"] < each["high"]
        assert (each["first"], each["last"]) == ("2011-02-15", "2011-03-04")
        assert f"{each['shifts']:,}" in table


def test_events_that_cannot_be_tested_are_named(
    quick: list[str | Path], capsys: pytest.CaptureFixture[str]
) -> None:
    """Before the prices: in no window; at their end: only in the shortest. The exit code is 5."""
    events = quick[0]
    assert not isinstance(events, str)
    events.write_text(f"{EVENTS}{REFUSED}new,2012-12-28T09:00:00Z\n")
    code, out, err = run(capsys, *quick, "--format", "csv")
    rows = read_rows(out)

    assert code == 5
    assert [row["events"] for row in rows] == ["4", "4", "3"]
    assert err.count("nowhere: no price before its session") == 1
    assert "new is left out of [0, 5]: session 2012-12-28: 2 of 6 sessions have a price so far" in err
    assert "nowhere: no price before its session" in rows[0]["left_out"]


@pytest.mark.parametrize(("rows", "form", "out"), [("", "json", "[]\n"), (REFUSED, "table", "")])
def test_without_an_event_nothing_is_tested(
    rows: str, form: str, out: str, quick: list[str | Path], capsys: pytest.CaptureFixture[str]
) -> None:
    events = quick[0]
    assert not isinstance(events, str)
    events.write_text(f"event,date\n{rows}")
    code, told, err = run(capsys, *quick, "--format", form)

    assert (code, told) == (4, out)
    assert err.endswith("study: no event has a result\n")


def test_too_few_shifts_are_refused_with_the_smallest_p(
    quick: list[str | Path], capsys: pytest.CaptureFixture[str]
) -> None:
    events = quick[0]
    assert not isinstance(events, str)
    events.write_text("event,date\none,2010-03-01T09:00Z\nother,2012-12-11T09:00Z\n")
    code, out, _ = run(capsys, *quick, "--window", "0,0")
    flat = " ".join(out.split())

    assert code == 4
    assert "[0, 0] no test" in flat
    assert re.search(
        r"can be moved in \d+ ways and p cannot be below 0\.0\d+; expected 99 ways or more", flat
    )


@pytest.mark.parametrize(
    "words", [("--model", "constant-mean"), ("--aggregate",), ("--window", "-5,10"), ("--estimation", "60")]
)
def test_a_classical_study_has_tests_of_its_own(
    words: tuple[str, ...], quick: list[str | Path], capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = run(capsys, quick[0], "--pooled", *words)

    assert (code, out) == (2, "")
    assert "--pooled needs a forecast model, and constant-mean is a classical model" in " ".join(err.split())
    assert "--aggregate --show tests" in " ".join(err.split())


def test_the_page_has_the_test_above_the_events(
    quick: list[str | Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "page.html"
    code, out, err = run(capsys, *quick, "--html", path, "--format", "csv")
    page = Page()
    page.feed(path.read_text(encoding="utf-8"))
    text = " ".join(page.text.split())

    assert code == 0
    assert f"study: the page is in {path}\n" in err
    assert text.index("All events together") < text.index("Null: ") < text.index("Each event")
    assert f"{int(read_rows(out)[0]['shifts']):,}" in text
    assert "WindowSessionsMeanmove95%rangepShiftsTestfinds" in text.replace(" ", "")
    assert "first <b>protests" in text
    assert not {"script", "a", "img", "b"} & set(page.tags)


@pytest.mark.slow
def test_the_example_of_the_docs_is_what_the_command_prints(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file and the table of docs/event-study.md, on the bundled prices."""
    page = Path(__file__).parents[2].joinpath("docs", "event-study.md").read_text(encoding="utf-8")
    file = re.search(r"<<'EOF'\n(.*?)EOF\n", page, re.DOTALL)
    block = re.search(r"```text\n(window  sessions.*?)```", page, re.DOTALL)
    assert file is not None
    assert block is not None
    path = tmp_path / "libya.csv"
    path.write_text(file[1])
    monkeypatch.setenv("COLUMNS", "80")
    code, out, _ = run(capsys, path, "--pooled")

    assert code == 0
    shown = [line.rstrip() for line in out.splitlines()]
    assert shown[: block[1].count("\n")] == block[1].splitlines()
