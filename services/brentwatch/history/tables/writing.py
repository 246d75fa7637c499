"""CSV text: the one place that writes it."""

from __future__ import annotations

import csv
from io import StringIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def write_csv(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    r"""The header and the rows, each line ended by "\n"; None is an empty field."""
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return text.getvalue()
