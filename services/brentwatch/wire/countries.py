"""Countries: ISO 3166-1 codes and numbers, English names, and the codes of GDELT and UCDP, in one table.

The two letters of GDELT (FIPS 10-4) are not those of ISO: NI is Nigeria, NG is Niger, IZ Iraq, RS Russia, AG
Algeria. UCDP numbers countries as Gleditsch and Ward do. The Gaza Strip and the West Bank are both PSE;
Kosovo is XKX, a code that ISO leaves to its users, with ACLED's number 0.
"""

import csv
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from brentwatch.core.errors import InvalidInput
from brentwatch.wire.input_faults import show_value

_EXPECTED = "expected an English country name or an ISO 3166-1 code, such as Nigeria, NGA or NG"


@dataclass(frozen=True, slots=True, kw_only=True)
class CountryRow:
    """One country: ISO 3166-1 alpha-3, alpha-2 and number, English names, and the codes of others."""

    iso3: str
    iso2: str
    number: str
    name: str
    other_names: tuple[str, ...]
    fips: tuple[str, ...]
    gleditsch_ward: tuple[str, ...]


def read_country(text: str) -> str:
    """The ISO 3166-1 alpha-3 code of a country given by its code (two or three letters) or its name.

    Case, accents, punctuation and a leading "the" make no difference.

    Raises:
        InvalidInput: if it is not a known country.
    """
    found = _map_from_code().get(text.strip().casefold().replace(".", "")) or _map_from_name().get(
        _normalise_name(text)
    )
    if found is None:
        raise InvalidInput(f"country is {show_value(text)}; {_EXPECTED}: correct it")
    return found


def country_name(code: str) -> str:
    """The English name of an ISO 3166-1 alpha-3 code; an unknown code is returned unchanged."""
    return _map_to_name().get(code, code)


@cache
def map_from_fips() -> Mapping[str, str]:
    """FIPS 10-4 code to ISO 3166-1 alpha-3."""
    return {code: row.iso3 for row in read_country_table() for code in row.fips}


@cache
def map_from_gleditsch_ward() -> Mapping[str, str]:
    """Gleditsch and Ward's number, as text, to ISO 3166-1 alpha-3."""
    return {number: row.iso3 for row in read_country_table() for number in row.gleditsch_ward}


@cache
def map_from_iso_number() -> Mapping[str, str]:
    """The number of ISO 3166-1, as text without leading zeros, to its alpha-3 code; ACLED's 0 is Kosovo."""
    return {row.number: row.iso3 for row in read_country_table()}


@cache
def map_to_iso_number() -> Mapping[str, str]:
    """ISO 3166-1 alpha-3 to its number, as text without leading zeros."""
    return {row.iso3: row.number for row in read_country_table()}


@cache
def read_country_table() -> tuple[CountryRow, ...]:
    """The whole table, in the order of the alpha-3 codes."""
    text = (files("brentwatch.wire") / "data" / "countries.csv").read_text(encoding="utf-8")
    return tuple(
        CountryRow(
            iso3=row["iso3"],
            iso2=row["iso2"],
            number=row["number"],
            name=row["name"],
            other_names=tuple(name for name in row["other_names"].split(";") if name),
            fips=tuple(row["fips"].split()),
            gleditsch_ward=tuple(row["gleditsch_ward"].split()),
        )
        for row in csv.DictReader(text.splitlines())
    )


@cache
def _map_to_name() -> Mapping[str, str]:
    return {row.iso3: row.name for row in read_country_table()}


@cache
def _map_from_code() -> Mapping[str, str]:
    return {code.casefold(): row.iso3 for row in read_country_table() for code in (row.iso2, row.iso3)}


@cache
def _map_from_name() -> Mapping[str, str]:
    return {
        _normalise_name(name): row.iso3
        for row in read_country_table()
        for name in (row.name, *row.other_names)
    }


def _normalise_name(text: str) -> str:
    """A name as it is compared: lower case, no accents, no punctuation, "saint" written out."""
    apart = unicodedata.normalize("NFKD", text.casefold().replace("&", " and "))
    letters = "".join(each for each in apart if not unicodedata.combining(each))
    words = re.sub(r"[^\w]+", " ", re.sub(r"[.'\u2019]", "", letters)).split()
    return " ".join("saint" if word == "st" else word for word in words).removeprefix("the ")
