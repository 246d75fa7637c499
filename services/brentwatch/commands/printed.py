"""Rows of figures on standard output: a table for people, CSV or JSON for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from brentwatch.commands.study_rows import format_csv, format_json_line

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

FORMS = ("table", "csv", "json")


def print_rows(
    columns: Sequence[str], rows: Sequence[Mapping[str, object]], form: str, keys: int = 1
) -> None:
    """Each row one line, its values in the order of `columns`; the first `keys` say what a row is."""
    match form:
        case "json":
            for row in rows:
                click.echo(format_json_line(row))
        case "csv":
            click.echo(format_csv(columns, ([row[column] for column in columns] for row in rows)), nl=False)
        case _:
            _print_table(columns, rows, keys)


def _print_table(columns: Sequence[str], rows: Sequence[Mapping[str, object]], keys: int) -> None:
    from rich import box
    from rich.table import Table

    from brentwatch.message.tables import measure_terminal, print_table

    drawn = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for column in columns:
        drawn.add_column(column.removeprefix("size_").replace("_", " "), no_wrap=True)
    for row in rows:
        drawn.add_row(*(_format_value(row[name]) for name in columns))
    print_table(drawn, measure_terminal(), keys)


def _format_value(value: object) -> str:
    """Four digits after the point: finer than a size is known."""
    match value:
        case None:
            return "-"
        case float():
            return f"{value:.4f}"
        case _:
            return str(value)
