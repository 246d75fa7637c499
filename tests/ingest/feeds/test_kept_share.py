"""The share that is kept: over a day of files, with one warning where it leaves its bounds."""

from __future__ import annotations

import pytest

from brentwatch.ingest.feeds.kept_share import FILES, KeptShare, describe_file


def test_only_what_the_words_decided_is_counted() -> None:
    share = KeptShare()
    assert share.share is None
    share.add(10, {"class": 900, "old": 50, "kind": 80, "crime": 10})
    assert share.share == 0.1


@pytest.mark.parametrize(("kept", "left_out"), [(0, 500), (300, 300)])
def test_a_share_outside_its_bounds_is_told_once_until_it_comes_back(kept: int, left_out: int) -> None:
    share = KeptShare()
    assert share.add(kept, {"kind": left_out}).startswith(f"{kept / (kept + left_out):.1%} of the last")
    assert share.add(kept, {"kind": left_out}) == ""
    for _ in range(FILES):
        assert share.add(10, {"kind": 90}) == ""
    assert share.share == 0.1
    assert share.add(1000 * kept, {"kind": 1000 * left_out}) != ""


def test_few_reports_tell_nothing() -> None:
    assert KeptShare().add(0, {"kind": 499}) == ""


def test_the_line_of_a_file() -> None:
    assert describe_file("x.zip", 2000, 3, {"kind": 40, "class": 1957}) == (
        "x.zip: 2,000 reports, 3 kept; left out: class 1,957, kind 40"
    )
    assert describe_file("x.zip", 0, 0, {}) == "x.zip: 0 reports, 0 kept"
