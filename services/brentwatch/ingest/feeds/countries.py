"""Countries of GDELT (FIPS 10-4), UCDP (Gleditsch and Ward) and ACLED (ISO numbers), to ISO alpha-3.

The two letters of FIPS are not those of ISO: NI is Nigeria, NG is Niger, IZ Iraq, RS Russia, AG Algeria.
The Gaza Strip and the West Bank are both PSE; Kosovo is XKX, a code that ISO leaves to its users.
"""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@cache
def from_fips() -> Mapping[str, str]:
    """FIPS 10-4 code to ISO 3166-1 alpha-3."""
    return _table("fips.csv", "fips")


@cache
def from_gleditsch_ward() -> Mapping[str, str]:
    """Gleditsch and Ward's number, as text, to ISO 3166-1 alpha-3."""
    return _table("gleditsch_ward.csv", "gw")


@cache
def from_iso_number() -> Mapping[str, str]:
    """The number of ISO 3166-1, as text without leading zeros, to its alpha-3 code; ACLED's 0 is Kosovo."""
    return _table("iso_numbers.csv", "number")


@cache
def to_iso_number() -> Mapping[str, str]:
    """ISO 3166-1 alpha-3 to its number, as text without leading zeros."""
    return {code: number for number, code in from_iso_number().items()}


def _table(name: str, key: str) -> Mapping[str, str]:
    text = (files("brentwatch.ingest.feeds") / "data" / name).read_text(encoding="utf-8")
    return {row[key]: row["iso3"] for row in csv.DictReader(text.splitlines())}
