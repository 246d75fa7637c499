"""`brentwatch study` with a forecast model, as a trader meets it: a file of dates and nothing else."""

# ruff: noqa: RUF001 - figures have a minus sign, not a hyphen

from __future__ import annotations

import csv
import json
import re
from html.parser import HTMLParser
from io import StringIO
from typing import TYPE_CHECKING

import pytest
from tests.core.event_study.series import BRENT
from tests.message.html.browser import open_browser, print_page, prove_page

from brentwatch import cli
from brentwatch.core.impact.view import COLUMNS

if TYPE_CHECKING:
    from pathlib import Path

EVENTS = "event,date\nAbqaiq,2019-09-14T00:45:00Z\nKazakhstan,2022-01-05\nLibya <b>&,2011-02-21\n"
REFUSED = "nowhere,1999-01-04\n"
BUNDLED = "study: prices: EIA Brent spot (bundled), 2001-01-02 to 2026-08-18; --prices FILE takes others\n"


@pytest.fixture
def events(tmp_path: Path) -> Path:
    path = tmp_path / "events.csv"
    path.write_text(EVENTS)
    return path


def run(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, str, str]:
    code = cli.main(["study", *map(str, arguments)])
    told = capsys.readouterr()
    return code, told.out, told.err


def read_rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(text)))


def test_a_file_of_dates_is_enough(
    events: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The prices are named, each event has its sessions, and the last line says how often this is wrong."""
    monkeypatch.setenv("COLUMNS", "80")
    code, out, err = run(capsys, events)
    flat = " ".join(out.split())

    assert code == 0
    assert BUNDLED in err
    assert "Abqaiq 16 Sep 2019 +11.7 % −6.7 to +5.2 % < 0.002 abnormal" in flat
    assert "to 17 Sep +7.1 % −9.2 to +7.1 % 0.050 outside to 23 Sep +5.6 %" in flat
    assert "Kazakhstan 5 Jan 2022 +1.5 % −4.6 to +3.7 % 0.36 normal" in flat
    assert "or 6 Jan 2022 +1.7 %" in flat
    assert re.search(r"How often this is wrong: of [\d,]+ sessions .* in 4\.9 %, .* in 1\.0 %\.$", flat)
    assert max(map(len, out.splitlines())) <= 80


def test_programs_get_the_same_in_plain_columns(events: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(capsys, events, "--format", "csv")
    _, text, _ = run(capsys, events, "--format", "json")
    rows, objects = read_rows(out), json.loads(text)

    assert out.splitlines()[0] == ",".join(COLUMNS)
    assert list(objects[0]) == list(COLUMNS)
    assert [row["p"] for row in rows] == [format(each["p"], ".12g") for each in objects]
    assert {(row["session"], row["next_session"]) for row in rows if "Kazakhstan" in row["event"]} == {
        ("2022-01-05", "False"),
        ("2022-01-06", "True"),
    }
    first = rows[0]
    assert (first["window"], first["sessions"], first["verdict"]) == ("[0, 0]", "1", "abnormal")
    assert float(first["move"]) == pytest.approx(float(first["expected"]) + float(first["car"]))
    assert float(first["low"]) < float(first["car"]) < float(first["high"])
    assert float(first["normal_low"]) < 0.0 < float(first["normal_high"]) < float(first["move"])


@pytest.mark.parametrize("model", ["adaptive-garch-t", "garch-t", "ewma-rank"])
def test_the_model_and_the_windows_are_chosen(
    model: str, events: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("--model", model, "--window", "0,0", "--window", "0,3", "--format", "csv")
    code, out, _ = run(capsys, events, *words)

    assert code == 0
    assert {row["window"] for row in read_rows(out)} == {"[0, 0]", "[0, 3]"}


def test_own_prices_are_read_and_have_no_record(
    events: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    code, out, err = run(capsys, events, "--prices", BRENT)
    _, told, _ = run(capsys, events, "--prices", BRENT, "--format", "csv")

    assert code == 0
    assert "prices.csv was read as comma-separated text" in err
    assert "wrong on these prices is not measured" in " ".join(out.split())
    assert "uncalibrated" in read_rows(told)[0]["notes"]
    assert read_rows(told)[0]["p"].startswith("0.00156")


def test_a_long_name_goes_on_in_the_lines_of_its_event(
    events: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    events.write_text(f"event,date\n{' '.join(['drones'] * 9)},2019-09-16T01:00Z\nshort,2019-09-17T01:00Z\n")
    _, out, _ = run(capsys, events)
    lines = out.splitlines()[2:]

    assert sum("drones" in line for line in lines) == 3
    assert "drones drones" in lines[1]
    assert "to 17 Sep" in lines[1]
    assert lines[3].startswith("short")
    assert out.count("drones") == 9


def test_a_window_without_a_test_is_reported(
    events: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    prices = tmp_path / "prices.csv"
    prices.write_text(BRENT.read_text().replace("2019-09-17,65.59", "2019-09-17,-65.59"))
    events.write_text("event,date\nAbqaiq,2019-09-14T00:45:00Z\n")
    code, out, err = run(capsys, events, "--prices", prices)

    assert code == 0
    assert "no test" in out
    assert "Abqaiq, window [0, 1]: the price fell to -65.59" in err


def test_refused_events_are_reported(events: Path, capsys: pytest.CaptureFixture[str]) -> None:
    events.write_text(EVENTS + REFUSED)
    code, out, err = run(capsys, events)
    assert code == 5
    assert "nowhere: no price before its session: the prices begin on 2001-01-02" in err
    assert "nowhere" not in out

    events.write_text(f"event,date\n{REFUSED}")
    code, out, err = run(capsys, events)
    assert (code, out) == (4, "")
    assert err.endswith("study: no event has a result\n")


def test_an_option_of_the_classical_study_selects_its_model(
    events: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = run(capsys, events, "--aggregate", "--window", "0,1", "--format", "csv")

    assert code == 0
    assert "study: model constant-mean, because --aggregate is of the classical study\n" in err
    assert read_rows(out)[0]["model"] == "constant-mean"


def test_the_bundled_prices_are_of_brent_spot_alone(events: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = run(capsys, events, "--instrument", "brent-front")

    assert code == 2
    assert "add --prices FILE" in " ".join(err.split())


class Page(HTMLParser):
    """The tags and attributes of a page, and its text."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_page_stands_alone(events: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Table, drawing, source and limits, without a script, a link or anything of the file as markup."""
    path = tmp_path / "page.html"
    events.write_text(EVENTS + REFUSED + '"x"" onload=""alert(1)",2019-09-16\n')
    code, _, err = run(capsys, events, "--html", path)
    page = Page()
    page.feed(path.read_text(encoding="utf-8"))
    text = " ".join(page.text.split())

    assert code == 5
    assert f"study: the page is in {path}\n" in err
    assert "Libya <b>&" in text
    assert "EIA Brent spot (bundled), adaptive-garch-t" in text
    assert "What it does not say" in text
    assert "How often this is wrong" in text
    assert "nowhere: no price before its session" in text
    assert page.tags.count("svg") == page.tags.count("tr") - 1
    assert not {"script", "a", "img", "link", "iframe", "b", "form"} & set(page.tags)
    assert not {"src", "href", "onload", "onclick"} & {name for name, _ in page.attributes}
    assert not re.search(r"https?://|@import|url\(", path.read_text(encoding="utf-8"))


def test_a_page_that_cannot_be_written_is_an_error(
    events: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = run(capsys, events, "--html", tmp_path / "nowhere" / "page.html")

    assert code == 7
    assert "cannot be written" in err


@pytest.mark.slow
def test_the_page_in_a_browser(events: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """At three widths, in light and in dark, without scripts: nothing is cut, axe-core finds no violation."""
    path = tmp_path / "page.html"
    run(capsys, events, "--html", path)

    with open_browser() as browser:
        prove_page(browser, path)
        assert print_page(browser, path).startswith(b"%PDF")


def test_the_marks_stand_where_the_figures_say(
    events: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """On one scale with zero in the middle; a figure is printed with one decimal."""
    path = tmp_path / "page.html"
    run(capsys, events, "--html", path)
    rows = re.findall(
        r'data-label="Move">([^<]+)</td>.*?data-label="Normal range \(95.%\)">([^<]+)</td>.*?<svg(.*?)</svg>',
        path.read_text(encoding="utf-8"),
        re.DOTALL,
    )
    drawn = [read_strip(svg) for _, _, svg in rows]
    printed = [tuple(read_numbers(f"{move} {normal}")) for move, normal, _ in rows]
    reach = max(abs(value) for row in drawn for value in row)

    assert len(rows) == 11
    for places, numbers in zip(drawn, printed, strict=True):
        scale = max(abs(each) for row in printed for each in row) / reach
        assert [place * scale for place in places] == pytest.approx(numbers, abs=0.06 + 0.05 * scale)


def read_numbers(text: str) -> list[float]:
    return [float(each.replace("−", "-")) for each in re.findall(r"[+−][\d.]+", text)]


def read_strip(svg: str) -> tuple[float, float, float]:
    """The places of the move and of both ends of its range, from the place of zero."""
    zero = float(re.findall(r'class="zero" d="M([\d.]+) ', svg)[0])
    move = float(re.findall(r"translate\(([\d.]+) ", svg)[0])
    bar = re.findall(r'<rect class="bar" x="([\d.]+)" y="6" width="([\d.]+)"', svg)[0]
    left, width = map(float, bar)
    return move - zero, left - zero, left + width - zero
