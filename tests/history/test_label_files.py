"""`labels.csv`: a prior for each event; a row that cannot be used is rejected, and the others are used."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.history.folders import write

from brentwatch.core.backtest.sessions import PriorLabel
from brentwatch.core.errors import InvalidInput
from brentwatch.history.folder import find_history
from brentwatch.history.label_files import read_labels

if TYPE_CHECKING:
    from pathlib import Path


def test_every_event_of_the_catalogue_has_a_label_and_no_other_has() -> None:
    told = read_labels("catalogue")
    events = {event for event, _ in find_history("catalogue").documents}

    assert set(told.labels) == events
    assert told.rejected == ()
    counts = [sum(each is label for each in told.labels.values()) for label in PriorLabel]
    assert counts == [18, 38, 26]


def test_a_history_without_the_file_has_no_labels(tmp_path: Path) -> None:
    assert read_labels(str(write(tmp_path))).labels == {}


def test_a_row_that_cannot_be_used_is_rejected_alone(tmp_path: Path) -> None:
    write(tmp_path)
    rows = ["expected,event_id", "Shock,a", "boom,b", "control,a", "control,c", "control,"]
    (tmp_path / "labels.csv").write_text("\n".join(rows) + "\n")
    told = read_labels(str(tmp_path))

    assert told.labels == {"a": PriorLabel.SHOCK, "c": PriorLabel.CONTROL}
    assert len(told.rejected) == 3
    assert told.rejected[0].startswith(
        "row 3 of labels.csv: it is 'b,boom'; expected shock, control, unclear"
    )


def test_a_missing_column_is_refused(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "labels.csv").write_text("event_id,guess\na,shock\n")
    with pytest.raises(InvalidInput, match="has the columns 'event_id,guess'; expected event_id,expected"):
        read_labels(str(tmp_path))
