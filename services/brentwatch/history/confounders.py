"""The bundled list of what else happened on a session: meetings of OPEC and its partners, holidays."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from datetime import date
from importlib.resources import files
from typing import TYPE_CHECKING

from brentwatch.core.domain.confounders import Confounder, ConfounderKind

if TYPE_CHECKING:
    from collections.abc import Mapping


def load_confounders() -> Mapping[date, tuple[Confounder, ...]]:
    """A session's date to its confounders, in the order of the file."""
    text = (files("brentwatch.history") / "data" / "confounders.csv").read_text(encoding="utf-8")
    found: defaultdict[date, list[Confounder]] = defaultdict(list)
    for row in csv.DictReader(io.StringIO(text)):
        confounder = _read_confounder(row)
        found[confounder.session].append(confounder)
    return {session: tuple(confounders) for session, confounders in found.items()}


def _read_confounder(row: Mapping[str, str]) -> Confounder:
    return Confounder(
        session=date.fromisoformat(row["date"]),
        kind=ConfounderKind(row["kind"]),
        text=row["text"],
        source=row["source"],
    )
