"""Which events share sessions: each is judged alone all the same, and the reader is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from brentwatch.core.event_study.studies import Studies


def overlaps(studies: Studies) -> Iterator[tuple[int, int]]:
    """Places, among those asked, of events whose event window reaches into that of the next event."""
    first = studies.spans.first[studies.kept]
    order = np.argsort(first, kind="stable")
    starts, places = first[order], studies.kept[order]
    shared = np.flatnonzero(np.diff(starts) < studies.design.window.sessions)
    yield from ((int(places[at]), int(places[at + 1])) for at in shared)
