"""The size of an install counts what pip would install, the extras apart, and every byte of it once."""

from __future__ import annotations

from importlib.metadata import distribution
from importlib.util import cache_from_source
from pathlib import Path

import pytest
from benchmarks import install
from benchmarks.install import LIMIT_MB, Size, extras, measure, megabytes, required, size_of
from benchmarks.measurement import AtMost

pytestmark = pytest.mark.slow


def test_what_is_required_is_followed_to_its_end_and_with_the_extras_that_are_asked_for() -> None:
    plain = required()

    assert {"brentwatch", "kafka-python", "crc32c", "lz4", "zstandard", "numpy", "curl-cffi"} <= plain
    assert {"pyarrow", "matplotlib", "pillow", "pytest", "mypy"} & plain == set()


def test_an_extra_adds_its_own_and_all_adds_each() -> None:
    assert {"pyarrow"} <= required("parquet") - required()
    assert {"matplotlib", "pillow", "fonttools"} <= required("chart") - required()
    assert required("all") == required(*extras())


def test_every_file_counts_once_with_its_byte_code_whether_it_is_there_or_not(tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text("VALUE = [number * 2 for number in range(3)]\n")
    made = install.bytes_of_code(module)
    kept = Path(cache_from_source(str(module)))
    kept.parent.mkdir()
    kept.write_bytes(b"x" * 70)

    assert 100 < made < 1_000
    assert install.bytes_of_code(module) == 70
    assert install.bytes_of_code(tmp_path / "data.csv") == 0


def test_the_files_of_a_distribution_are_those_that_pip_has_recorded() -> None:
    files = [Path(str(each.locate())) for each in distribution("click").files or ()]
    written = sum(path.stat().st_size for path in files if path.suffix != ".pyc")
    size = size_of("click", code=True)

    assert size.files == written > 100_000
    assert 0.5 * written < size.code < 3 * written
    assert size_of("click", code=False) == Size(written, 0)
    assert megabytes(["click"], code=True) == sum(size) / 1e6


def test_brentwatch_counts_whole_although_it_is_installed_editable() -> None:
    assert size_of("brentwatch", code=False).files > 2_000_000


def test_a_plain_install_that_is_too_large_breaks_its_row(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(install, "size_of", lambda _name, *, code: Size(int(LIMIT_MB * 1e6), int(code)))
    first, *others = measure()

    assert isinstance(first.bound, AtMost)
    assert not first.is_kept()
    added = ("chart", "parquet", "slack", "symphony", "apprise", "dashboards", "all")
    assert [row.name for row in others] == [f"  [{name}] adds" for name in added]
