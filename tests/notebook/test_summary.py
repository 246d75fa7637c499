"""A summary fits a terminal of 80 columns, cuts no figure, and no name of an event can act in it."""

from __future__ import annotations

import csv
from io import StringIO

import pytest

from brentwatch import event_study
from brentwatch.notebook.summary import StudySummary, SummaryTable

NAME = "<script>alert(1)</script> attack on the pipeline from the east to the west\x1b[31m"
EVENTS = {
    "Abqaiq": "2019-09-14T00:45Z",
    NAME: "2022-01-05",
    "=HYPERLINK(1)": "2011-02-21",
    "late": "2030-01-01",
}


def make(*names: str, notes: tuple[str, ...] = ()) -> StudySummary:
    rows = tuple((name, "\N{MINUS SIGN}12.4 to +15.3 %", "< 0.002") for name in names)
    table = SummaryTable(title="Moves", columns=("event", "normal range", "p"), rows=rows)
    return StudySummary(
        title="Study", facts=(("Model", "market"), ("Gap", "5")), tables=(table,), notes=notes
    )


def test_it_is_at_most_79_columns_wide_and_no_figure_is_cut() -> None:
    text = event_study(EVENTS, windows=[(0, 0), (-5, 10)]).summary().as_text()

    assert max(map(len, text.split("\n"))) <= 79
    assert "+7.1 to +16.7 %" in text
    assert "[-5, 10]" in text
    assert "Events refused:                     1" in text
    assert "late is refused: no session settles after the event" in text.replace("\n    ", " ")


def test_a_long_name_is_folded_and_nothing_of_it_is_lost() -> None:
    words = [
        "the",
        "attack",
        "on",
        "the",
        "pipeline",
        "from",
        "the",
        "east",
        "to",
        "the",
        "west",
        "of",
        "the",
        "country",
    ] * 2
    lines = make(" ".join(words)).as_text().split("\n")
    first = next(at for at, line in enumerate(lines) if "< 0.002" in line)

    folded = [line.partition("  \N{MINUS SIGN}")[0].split() for line in lines[first : first + 4]]
    assert [word for line in folded for word in line][: len(words)] == words


def test_the_text_is_what_a_terminal_prints_and_the_html_what_a_notebook_shows() -> None:
    summary = make("Abqaiq")

    assert str(summary) == repr(summary) == summary.as_text()
    assert summary._repr_html_() == summary.as_html()


def test_names_are_escaped_in_html_and_no_control_character_is_in_the_text() -> None:
    study = event_study(EVENTS, windows=[(0, 0)])

    assert "<script>alert" not in study._repr_html_()
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in study._repr_html_()
    assert "\x1b" not in study._repr_html_() + study.summary().as_text() + study.summary().as_csv()


def test_csv_has_each_table_with_its_header_and_no_formula() -> None:
    rows = list(csv.reader(StringIO(event_study(EVENTS, windows=[(0, 0)]).summary().as_csv())))

    assert ["Model", "constant-mean"] in rows
    assert ["Abnormal return of session 0 (AR)", "session", "AR", "95 % interval", "t", "p"] in rows
    assert ["Abqaiq", "2019-09-16", "+11.8 %", "+7.1 to +16.7 %", "+5.14", "< 0.002"] in rows
    assert "'=HYPERLINK(1)" in [row[0] for row in rows if row]


def test_notes_are_numbered_and_indented() -> None:
    text = make("Abqaiq", notes=("First.", "word " * 30)).as_text()

    assert "[1] First.\n[2] word word" in text
    assert "\n    word" in text


def test_many_events_are_not_all_listed_and_it_says_so() -> None:
    study = event_study([f"2019-{month:02}-{day:02}" for month in range(1, 4) for day in range(1, 29)])
    text = study.summary().as_text()

    assert "The first 50 events are shown; to_frame() has 34 more." in text.replace("\n    ", " ")
    assert "2019-03-28" not in text.partition("[1]")[0]


def test_a_study_without_a_result_has_a_summary_too() -> None:
    text = event_study({"late": "2030-01-01"}).summary().as_text()

    assert "Events with a result:               0" in text
    assert "late is refused" in text


@pytest.mark.parametrize("window", [(0, 0), (1, 5)])
def test_no_table_is_shown_twice_or_empty(window: tuple[int, int]) -> None:
    tables = event_study(EVENTS, window=window).summary().tables

    assert len(tables) == 1
    assert len(tables[0].rows) == 3
