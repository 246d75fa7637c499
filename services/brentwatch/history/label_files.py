"""`labels.csv` of a history: what was expected of its events before the prices were looked at.

The file may be missing. Its columns are `event_id` and `expected`: shock, control or unclear.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from brentwatch.core.backtest.sessions import PriorLabel
from brentwatch.core.errors import InvalidInput
from brentwatch.history import tables
from brentwatch.history.folder import find_folder
from brentwatch.wire.input_faults import show_value

LABELS = "labels.csv"
_COLUMNS = ("event_id", "expected")
_EXPECTED = f"expected {', '.join(PriorLabel)}, once for each event; correct it"


@dataclass(frozen=True, slots=True)
class LabelFile:
    """The labels by event id, and a sentence for each row that was rejected."""

    labels: Mapping[str, PriorLabel]
    rejected: tuple[str, ...] = ()


def read_labels(history: str) -> LabelFile:
    """The labels of a history, by its name or path; none if it has no such file.

    Raises:
        InvalidInput: if there is no such history, or the file cannot be read or lacks a column.
    """
    file = find_folder(history) / LABELS
    if not file.is_file():
        return LabelFile({})
    try:
        return parse_labels(tables.read_table(LABELS, file.read_bytes(), _COLUMNS))
    except OSError as error:
        raise InvalidInput(
            f"{LABELS} of {history} cannot be read ({error.strerror}); expected a readable file; check its "
            "permissions, or remove it"
        ) from error


def parse_labels(table: tables.Table) -> LabelFile:
    """The labels in a table; a row that cannot be used is rejected, and the others are used.

    Raises:
        InvalidInput: if a column is missing.
    """
    found = [table.find(column) for column in _COLUMNS]
    places = [at for at in found if at is not None]
    if len(places) < len(_COLUMNS):
        raise InvalidInput(
            f"{table.name} has the columns {show_value(','.join(table.columns))}; expected "
            f"{','.join(_COLUMNS)}; name them so in the header"
        )
    labels: dict[str, PriorLabel] = {}
    rejected = list(table.rejected)
    for row in table.rows:
        event, word = (row.cells[at] for at in places)
        if not event or event in labels or word.lower() not in set(PriorLabel):
            rejected.append(tables.RejectedRow(row.line, f"it is {show_value(f'{event},{word}')}", _EXPECTED))
        else:
            labels[event] = PriorLabel(word.lower())
    return LabelFile(labels, tuple(tables.describe_rejections(table.name, sorted(rejected))))
