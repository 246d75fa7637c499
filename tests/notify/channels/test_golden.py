"""What each receiver got, whole: a change of what people see is seen here, and read before it is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.notify.channels import golden
from tests.notify.channels.receptions import RECEPTIONS

from brentwatch.notify.channels.table import CHANNELS

if TYPE_CHECKING:
    from pathlib import Path


def test_every_channel_is_among_the_ways_to_send() -> None:
    assert {name.partition("_")[0] for name in RECEPTIONS} == set(CHANNELS)


@pytest.mark.parametrize("way", RECEPTIONS)
def test_what_a_receiver_got_is_that_of_the_file(way: str, tmp_path: Path) -> None:
    written = golden.name_file(way).read_text(encoding="utf-8")
    told = golden.describe_sends(way, tmp_path)
    assert told == written, "python -m tests.notify.channels.golden writes them anew"


def test_every_file_is_of_a_way_to_send() -> None:
    assert {each.stem for each in golden.FOLDER.iterdir()} == set(RECEPTIONS)
