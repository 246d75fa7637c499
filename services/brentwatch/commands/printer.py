"""Rows of figures on standard output: a table for people, CSV or JSON for programs.

Programs get twelve significant digits, and never a NaN. No cell of CSV is a formula in a spreadsheet, and
JSON holds no character that a terminal would act on.
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence

import click

from brentwatch.message.foreign import escape_formula, escape_json


def format_csv(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """The header and the rows; a value that does not exist is an empty field."""
    from brentwatch.history.tables import write_csv

    return write_csv(columns, ([_format_cell(cell) for cell in row] for row in rows))


def format_json(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """An array with one object a line; a value that does not exist is null."""
    objects = [format_json_line(dict(zip(columns, map(_trim_digits, row), strict=True))) for row in rows]
    return "[" + ",\n ".join(objects) + "]\n"


def format_json_line(value: object) -> str:
    """A value as JSON on one line; what JSON has no word for as text."""
    return escape_json(json.dumps(value, default=str))


def _format_cell(cell: object) -> str:
    match cell:
        case None:
            return ""
        case float():
            return f"{_trim_digits(cell):.12g}"
        case _:
            return escape_formula(str(cell))


def _trim_digits(cell: object) -> object:
    """Twelve significant digits, and no minus in front of a zero."""
    return float(f"{cell:.12g}") + 0.0 if isinstance(cell, float) else cell


FORMS = ("table", "csv", "json")


def print_rows(
    columns: Sequence[str],
    rows: Sequence[Mapping[str, object]],
    form: str,
    keys: int = 1,
    prose: Collection[str] = (),
) -> None:
    """Each row one line, its values in the order of `columns`; the first `keys` say what a row is.

    A table for people folds the columns of `prose`; all others stay whole.
    """
    match form:
        case "json":
            for row in rows:
                click.echo(format_json_line(row))
        case "csv":
            click.echo(format_csv(columns, ([row[column] for column in columns] for row in rows)), nl=False)
        case _:
            _print_table(columns, rows, keys, prose)


def _print_table(
    columns: Sequence[str], rows: Sequence[Mapping[str, object]], keys: int, prose: Collection[str]
) -> None:
    from rich import box
    from rich.table import Table

    from brentwatch.message.tables import measure_terminal, print_table

    drawn = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for column in columns:
        drawn.add_column(column.removeprefix("size_").replace("_", " "), no_wrap=column not in prose)
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
