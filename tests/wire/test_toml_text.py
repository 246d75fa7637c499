"""TOML is read without its byte order mark, and never by recursion without end."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

import pytest

from brentwatch.core.errors import SettingsError
from brentwatch.history.manifest import read_manifest
from brentwatch.settings.origins import Sources
from brentwatch.wire.decoding import decode_toml
from brentwatch.wire.input_faults import Faults

if TYPE_CHECKING:
    from pathlib import Path

DEEP = [b"a = " + b"[" * 5_000 + b"]" * 5_000, b"a." * 5_000 + b"b = 1", b"[" + b"a." * 70 + b"b]\nc = 1"]


def test_a_byte_order_mark_is_ignored() -> None:
    assert decode_toml(b'\xef\xbb\xbfa = "b"') == {"a": "b"}


@pytest.mark.parametrize("data", DEEP, ids=["arrays", "a dotted key", "a table"])
def test_what_is_nested_too_deeply_is_refused(data: bytes, tmp_path: Path) -> None:
    with pytest.raises(tomllib.TOMLDecodeError, match="nested more than 64 levels"):
        decode_toml(data)
    path = tmp_path / "brentwatch.toml"
    path.write_bytes(data)
    with pytest.raises(SettingsError, match="nested more than 64 levels"):
        Sources(file=str(path)).read_layers({})
    faults = Faults()
    assert read_manifest(data, faults) is None
    assert "nested more than 64 levels" in faults.build_error().faults[0]


def test_a_settings_file_and_a_manifest_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "brentwatch.toml"
    path.write_bytes(b"\xef\xbb\xbf[kafka]\nbootstrap = 'localhost:9092'\n")
    assert list(Sources(file=str(path)).read_layers({})[2]) == [("kafka", "bootstrap")]
    told = b"\xef\xbb\xbftitle = 'a'\nsource = 'b'\nlicence = 'c'\nstart = 2022-01-05\n"
    assert read_manifest(told, Faults()) is not None


def test_a_number_that_is_too_long_is_no_toml() -> None:
    with pytest.raises(tomllib.TOMLDecodeError, match="digits"):
        decode_toml(b"a = " + b"9" * 5_000)
