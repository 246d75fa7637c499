"""Answers in the shapes of GDELT and ACLED, of our own making, are read to the last row."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from brentwatch.core.events import EventClass, Precision
from brentwatch.ingest.feeds import acled
from brentwatch.ingest.feeds.countries import from_fips, from_gleditsch_ward, from_iso_number
from brentwatch.ingest.feeds.gdelt_rows import COLUMNS, Report, read
from brentwatch.wire.event_document import LocationPrecision

DATA = Path(__file__).parent / "data"


def test_a_dozen_rows_of_gdelt() -> None:
    lines = (DATA / "gdelt.export.CSV").read_text().splitlines()
    assert len(lines) == 12
    assert {line.count("\t") for line in lines} == {COLUMNS - 1}
    reports = [read(line, 3) for line in lines]
    assert all(isinstance(report, Report) for report in reports)
    assert {report.country for report in reports if isinstance(report, Report)} == {"KAZ", "ALB", "SAU"}


def test_rows_of_acled() -> None:
    rows = json.loads((DATA / "acled.json").read_text())["data"]
    assert {len(row) for row in rows} == {31}
    found = [acled.document_of(row) for row in rows]
    assert [event.event_class for event in found] == [
        EventClass.PROTEST,
        EventClass.RIOT,
        EventClass.BOMBARDMENT,
        EventClass.OTHER,
    ]
    assert [event.occurred.precision for event in found] == [
        Precision.DAY,
        Precision.DAY,
        Precision.WEEK,
        Precision.MONTH,
    ]
    assert [event.location.precision for event in found if event.location] == [
        LocationPrecision.CITY,
        LocationPrecision.CITY,
        LocationPrecision.ADMIN1,
        LocationPrecision.COUNTRY,
    ]
    assert [event.violent for event in found] == [False, True, True, True]


@pytest.mark.parametrize(
    ("fips", "iso"),
    [
        ("NI", "NGA"), ("NG", "NER"), ("IZ", "IRQ"), ("RS", "RUS"), ("AG", "DZA"), ("TI", "TJK"),
        ("KZ", "KAZ"), ("KG", "KGZ"), ("UP", "UKR"), ("TU", "TUR"), ("SU", "SDN"), ("OD", "SSD"),
        ("AU", "AUT"), ("AS", "AUS"), ("SZ", "CHE"), ("SW", "SWE"), ("GM", "DEU"), ("CH", "CHN"),
        ("CI", "CHL"), ("CG", "COD"), ("CF", "COG"), ("IV", "CIV"), ("MU", "OMN"), ("BA", "BHR"),
        ("VM", "VNM"), ("JA", "JPN"), ("KS", "KOR"), ("KN", "PRK"), ("GZ", "PSE"), ("WE", "PSE"),
    ],
)  # fmt: skip
def test_the_codes_of_fips_are_not_those_of_iso(fips: str, iso: str) -> None:
    assert from_fips()[fips] == iso


def test_every_table_of_countries_leads_to_iso_codes() -> None:
    known = set(from_iso_number().values())
    assert len(known) == 250
    assert set(from_fips().values()) <= known
    assert set(from_gleditsch_ward().values()) <= known
    assert (from_iso_number()["398"], from_gleditsch_ward()["705"]) == ("KAZ", "KAZ")
