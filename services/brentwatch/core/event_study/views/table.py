"""What a classical study can show: what is asked for -> where its rows are made, loaded when used."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, TypeAlias

from brentwatch.core.errors import InvalidInput

if TYPE_CHECKING:
    from brentwatch.core.event_study.batch import Batch

Cell: TypeAlias = str | int | float | bool | None
"""None where a value does not exist; never NaN."""

TEXT_COLUMNS = frozenset(
    (
        "event",
        "model",
        "window",
        "session",
        "factor",
        "quantity",
        "test",
        "aar_test",
        "caar_test",
        "null",
        "note",
    )
)
"""The columns of all views that hold text. `valid` is true or false, all others are numbers."""

_HERE = "brentwatch.core.event_study.views"

OF_EVENTS = {
    "rows": f"{_HERE}.sessions_of_events",
    "tests": f"{_HERE}.tests_of_events",
    "diagnostics": f"{_HERE}.estimation",
}
"""Each event for itself."""

OF_AVERAGES = {"rows": f"{_HERE}.averages", "tests": f"{_HERE}.tests_of_averages"}
"""All events as one. An estimation window has no average."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """The names of its columns, and the rows of a batch in these."""

    columns: tuple[str, ...]
    rows: Callable[[Batch], Iterator[tuple[Cell, ...]]]


def build_sheet(show: str, *, aggregate: bool = False) -> Sheet:
    """What `show` names, of each event or of all as one.

    Raises:
        InvalidInput: if there is no such thing.
    """
    known = OF_AVERAGES if aggregate else OF_EVENTS
    if show not in known:
        raise InvalidInput(_explain_not_shown(show, aggregate=aggregate))
    module = import_module(known[show])
    return Sheet(module.COLUMNS, module.rows)


def _explain_not_shown(show: str, *, aggregate: bool) -> str:
    if aggregate and show in OF_EVENTS:
        return (
            f"{show} are of each event's own estimation window, and an average has none; ask for {show} "
            f"without the aggregate, or for {' or '.join(OF_AVERAGES)} with it"
        )
    return f"a study shows no {show!r}; expected one of {', '.join(OF_EVENTS)}"
