"""A table is as wide as its terminal, and no figure and no key in it is ever cut."""

from __future__ import annotations

import pytest
from rich import box
from rich.table import Table

from brentwatch.message.tables import PIPED_COLUMNS, measure_terminal, print_table

NAMES = ("model", "window", "nominal", "n", "size", "first fifth", "second fifth", "after a shock", "note")
ROWS: list[tuple[str, ...]] = [
    ("adaptive-garch-t", "0,0", "0.0500", "6004", "0.0512", "0.0550", "0.0400", "0.0580", "a few words " * 5),
    ("constant-mean", "0,5", "0.0100", "1", "1234.5678", "-0.0241", "0.0275", "0.1425", ""),
]


def drawn(rows: list[tuple[str, ...]]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for name in NAMES:
        table.add_column(name, no_wrap=name != "note")
    for row in rows:
        table.add_row(*row)
    return table


def printed(width: int, capsys: pytest.CaptureFixture[str], keys: int = 3) -> list[str]:
    print_table(drawn(ROWS), width, keys)
    return capsys.readouterr().out.splitlines()


@pytest.mark.parametrize("width", [40, 60, 80, 110, 200])
def test_every_figure_is_whole_at_every_width(width: int, capsys: pytest.CaptureFixture[str]) -> None:
    lines = printed(width, capsys)

    words = " ".join(lines).split()
    assert all(cell in words for row in ROWS for cell in row[:-1])
    assert words.count("words") == 5
    assert "…" not in "".join(lines)
    assert max(map(len, lines)) <= max(width, 54)  # the keys and one column


def test_a_word_that_is_wider_than_its_column_is_folded_and_not_cut(
    capsys: pytest.CaptureFixture[str],
) -> None:
    print_table(drawn([(*ROWS[0][:-1], "y" * 90)]), 60, 3)

    assert capsys.readouterr().out.count("y") == 90


def test_what_is_left_over_stands_below_beside_the_same_keys(capsys: pytest.CaptureFixture[str]) -> None:
    lines = printed(60, capsys)

    blocks = "\n".join(line.rstrip() for line in lines).split("\n\n")
    assert len(blocks) > 1
    assert all("adaptive-garch-t   0,0      0.0500" in block for block in blocks)


def test_a_table_that_fits_is_one_block(capsys: pytest.CaptureFixture[str]) -> None:
    assert "" not in printed(200, capsys)


def test_square_brackets_in_a_cell_are_no_markup(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(drawn([("[bold]", "[0, 5]", *ROWS[0][2:])]), 200)

    assert "[bold]" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("columns", "width"), [("60", 60), ("200", 200), ("", PIPED_COLUMNS), ("x", PIPED_COLUMNS)]
)
def test_the_width_is_what_columns_says_and_fixed_without_a_terminal(
    columns: str, width: int, monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    monkeypatch.setattr("sys.__stdout__", None)

    assert measure_terminal() == width
