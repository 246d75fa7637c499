"""Tables of `brentwatch calibrate` for people: one for each measure, none wider than 80 columns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import click

from brentwatch.commands.printer import print_rows


@dataclass(frozen=True, slots=True)
class MeasureTable:
    """One table: the rows with one value of `measure`, under a title.

    `columns` maps each heading to the field of a row that it shows; the first `keys` say what a row is.
    """

    measure: str
    title: str
    columns: Mapping[str, str]
    keys: int = 2


def print_measures(tables: Sequence[MeasureTable], rows: Sequence[Mapping[str, object]]) -> None:
    """Print each table that has rows."""
    begun = False
    for table in tables:
        chosen = [row for row in rows if row["measure"] == table.measure]
        if chosen:
            shown = [
                {heading: format_level(row[field]) if field == "at" else row[field]
                 for heading, field in table.columns.items()}
                for row in chosen
            ]  # fmt: skip
            if begun:
                click.echo()
            click.echo(f"{table.title}\n")
            print_rows(tuple(table.columns), shown, "table", keys=table.keys)
            begun = True


def format_level(level: object) -> str:
    """A level as people write it, 0.05 and not 0.0500; text stays."""
    return f"{level:g}" if isinstance(level, float) else str(level)


def format_p(p: float) -> str:
    """A p-value with four digits after the point, and never as zero."""
    return "<0.0001" if p < 0.0001 else f"{p:.4f}"
