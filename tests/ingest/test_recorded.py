"""Answers in the shapes of GDELT, ACLED and UCDP, of our own making, are read; docs/feeds.md tells of all."""

from __future__ import annotations

import json
import re
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from brentwatch.core.domain import EventClass, Precision
from brentwatch.ingest.feeds import acled_rows, ucdp
from brentwatch.ingest.feeds.gdelt_rows import COLUMNS, Report, parse_report
from brentwatch.wire.countries import map_from_fips, map_from_gleditsch_ward, map_from_iso_number
from brentwatch.wire.event_document import LocationPrecision

DATA = Path(__file__).parent / "data"
DOCS = Path(__file__).parents[2] / "docs" / "feeds.md"


def test_a_dozen_rows_of_gdelt() -> None:
    lines = (DATA / "gdelt.export.CSV").read_text().splitlines()
    assert len(lines) == 12
    assert {line.count("\t") for line in lines} == {COLUMNS - 1}
    reports = [parse_report(line, 3) for line in lines]
    assert all(isinstance(report, Report) for report in reports)
    assert {report.country for report in reports if isinstance(report, Report)} == {"KAZ", "ALB", "SAU"}


def test_rows_of_acled() -> None:
    rows = json.loads((DATA / "acled.json").read_text())["data"]
    assert {len(row) for row in rows} == {31}
    found = [acled_rows.parse_row(row) for row in rows]
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


def test_rows_of_ucdp() -> None:
    rows = json.loads((DATA / "ucdp.json").read_text())["Result"]
    found = [ucdp.parse_row(row, date(2024, 4, 20)) for row in rows]
    assert [event.event_class for event in found] == [
        EventClass.ARMED_CLASH,
        EventClass.ARMED_CLASH,
        EventClass.MASS_VIOLENCE,
    ]
    assert [event.occurred.precision for event in found] == [Precision.DAY, Precision.WEEK, Precision.MONTH]
    assert [event.location.precision for event in found if event.location] == [
        LocationPrecision.CITY,
        LocationPrecision.ADMIN1,
        LocationPrecision.COUNTRY,
    ]
    assert [event.attention.sources if event.attention else None for event in found] == [2, None, 2]
    assert all(
        event.provenance and "cite Sundberg" in (event.provenance.attribution or "") for event in found
    )


SIDE = (
    "Code", "Name", "CountryCode", "KnownGroupCode", "EthnicCode", "Religion1Code", "Religion2Code",
    "Type1Code", "Type2Code", "Type3Code",
)  # fmt: skip
PLACE = ("Type", "FullName", "CountryCode", "ADM1Code", "ADM2Code", "Lat", "Long", "FeatureID")
GDELT = (
    "GlobalEventID", "SQLDATE", "MonthYear", "Year", "FractionDate",
    *(f"{actor}{name}" for actor in ("Actor1", "Actor2") for name in SIDE),
    "IsRootEvent", "EventCode", "EventBaseCode", "EventRootCode", "QuadClass", "GoldsteinScale",
    "NumMentions", "NumSources", "NumArticles", "AvgTone",
    *(f"{geo}_{name}" for geo in ("Actor1Geo", "Actor2Geo", "ActionGeo") for name in PLACE),
    "DATEADDED", "SOURCEURL",
)  # fmt: skip
"""The columns of an event file, in their order."""


def fields(feed: str) -> tuple[str, ...]:
    """What a feed's own layout holds."""
    if feed == "GDELT":
        return GDELT
    rows = json.loads((DATA / f"{feed.lower()}.json").read_text())
    return tuple((rows.get("data") or rows["Result"])[0])


@pytest.mark.parametrize(("feed", "count"), [("GDELT", COLUMNS), ("ACLED", 31), ("UCDP", 49)])
def test_the_table_of_a_feed_tells_what_becomes_of_each_of_its_fields(feed: str, count: int) -> None:
    told = re.split(r"^## ", DOCS.read_text(encoding="utf-8"), flags=re.MULTILINE)
    (section,) = [part for part in told if part.startswith(f"{feed}\n")]
    named = re.findall(r"\w+\*?", section.replace("\\", ""))
    assert len(fields(feed)) == count
    assert [field for field in fields(feed) if not any(fnmatchcase(field, each) for each in named)] == []


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
    assert map_from_fips()[fips] == iso


def test_every_table_of_countries_leads_to_iso_codes() -> None:
    known = set(map_from_iso_number().values())
    assert len(known) == 250
    assert set(map_from_fips().values()) <= known
    assert set(map_from_gleditsch_ward().values()) <= known
    assert (map_from_iso_number()["398"], map_from_gleditsch_ward()["705"]) == ("KAZ", "KAZ")
