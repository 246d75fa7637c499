"""Every benchmark that needs a broker runs once, on little work, so that none rots."""

from __future__ import annotations

import pytest
from benchmarks.stream.suite import PARTS, part

pytestmark = pytest.mark.kafka


SAME_IN_SHORT = "soak"
"""In short form it is `memory`."""


@pytest.mark.parametrize("name", [name for name in PARTS if name != SAME_IN_SHORT])
def test_a_benchmark_gives_a_figure_in_every_row(bootstrap: str, name: str) -> None:
    rows = list(part(name, bootstrap, short=True))
    assert rows
    assert [row.row() for row in rows if not row.is_kept(judged=False)] == []
