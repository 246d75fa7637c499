"""Events as a desk's sheet has them: read as a person would read them, or refused with row and remedy."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from tests.ingest.feeds.contract import NOW

from brentwatch.core.domain import EventClass, Precision
from brentwatch.ingest.feeds.file import open_feed
from brentwatch.ingest.feeds.settings import FileFeedSettings
from brentwatch.wire.unrest_event import convert_to_core

if TYPE_CHECKING:
    from brentwatch.ingest.feeds.deliveries import FeedDelivery

HEADER = "Date,Country,City,Type,Killed,Lat,Lon,Note"
ROWS = (
    "2024-05-06,KAZ,Aktau,strike,2,43.65,51.17,Crane drivers walk out",
    '2024-05-05,NGA,Warri,blockade,,5.5,5.75,"The jetty is shut, “for now” — é"',
    "2024-05-04,IRQ,Basra,protest,1100,30.5,47.8,March to the port",
)
CLEAN = "\n".join((HEADER, *ROWS)) + "\n"
MAPPING = {
    "date": "Date", "country": "Country", "place": "City", "event_class": "Type", "fatalities": "Killed",
    "lat": "Lat", "lon": "Lon", "summary": "Note",
}  # fmt: skip


def read(path: Path, data: bytes | str, name: str = "sheet.csv", **settings: object) -> FeedDelivery:
    """What one asking of a feed gives of this file, by the preset of a desk's sheet."""
    file = path / name
    file.write_bytes(data.encode() if isinstance(data, str) else data)
    given = {"preset": "desk"} | settings
    (delivery,) = open_feed(FileFeedSettings.model_validate({"path": file, **given})).poll(NOW)
    return delivery


def facts(delivery: FeedDelivery) -> list[tuple[str, str, str, int | None, float | None, str]]:
    """Of each event its day, country, class, deaths, latitude and summary."""
    return [
        (
            f"{each.known_at:%Y-%m-%d %H:%M}",
            each.country,
            each.event_class.value,
            each.fatalities.best if each.fatalities else None,
            each.location.lat if each.location else None,
            each.summary,
        )
        for each in delivery.documents
    ]


RIGHT = [
    ("2024-05-06 00:00", "KAZ", "strike", 2, 43.65, "Crane drivers walk out"),
    ("2024-05-05 00:00", "NGA", "blockade", None, 5.5, "The jetty is shut, “for now” — é"),
    ("2024-05-04 00:00", "IRQ", "protest", 1100, 30.5, "March to the port"),
]


def parquet() -> bytes:
    frame = pd.read_csv(io.StringIO(CLEAN))
    frame["Date"] = pd.to_datetime(frame["Date"])
    out = io.BytesIO()
    frame.to_parquet(out)
    return out.getvalue()


def changed(*pairs: tuple[str, str]) -> bytes:
    """The clean sheet with these replacements."""
    text = CLEAN
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    return text.encode()


def separated(separator: str) -> str:
    """The clean sheet with another separator, and no quotes."""
    comma = "shut# "
    return CLEAN.replace('"', "").replace("shut, ", comma).replace(",", separator).replace(comma, "shut, ")


WAYS = {
    "clean": CLEAN.encode(),
    "byte order mark": CLEAN.encode("utf-8-sig"),
    "cp1252": CLEAN.encode("cp1252"),
    "UTF-16": CLEAN.encode("utf-16"),
    "Excel's text": separated("\t").encode("utf-16"),
    "line ends of Windows": CLEAN.replace("\n", "\r\n").encode(),
    "semicolons": separated(";").encode(),
    "decimal commas": separated(";").replace(".", ",").encode(),
    "Excel's midnight": changed(("-06,", "-06 00:00:00,"), ("-05,", "-05 00:00:00,"), ("-04,", "-04 00:00,")),
    "names of months": changed(
        ("2024-05-06", "06 May 2024"), ("2024-05-05", "5 May 2024"), ("2024-05-04", "4 may 2024")
    ),
    "floats": changed((",2,", ",2.0,"), (",1100,", ",1100.0,")),
    "no number": changed((",,", ",NaN,")),
    "thousands": changed(("1100", '"1,100"')),
    "two letters": changed(("KAZ", "KZ"), ("NGA", "ng"), ("IRQ", "IQ")),
    "names of countries": changed(("KAZ", "Kazakhstan"), ("NGA", "NIGERIA"), ("IRQ", "Republic of Iraq")),
    "classes in any case": changed(("strike", "Strike"), ("blockade", "BLOCKADE")),
    "spaces in the header": changed(("Date,Country", " Date ,COUNTRY ")),
    "titles above": b"Weekly report\n\n" + CLEAN.encode(),
    "a total below": CLEAN.encode() + b",,,,,,,\nTotal,,,,1102,,,\n",
    "line separators": changed(("Crane drivers", "Crane\u2028drivers"), ("the port", "the\u2028port")),
    "sep= line": b"sep=,\n" + CLEAN.encode(),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("settings", [{}, {"preset": "none", "mapping": MAPPING}], ids=["desk", "mapping"])
def test_a_sheet_is_read_as_a_person_would(way: str, settings: dict[str, object], tmp_path: Path) -> None:
    delivery = read(tmp_path, WAYS[way], "sheet.csv", **settings)
    assert facts(delivery) == RIGHT
    assert delivery.left_out == {}
    assert all(each.occurred.precision is Precision.DAY for each in delivery.documents)
    assert delivery.remarks[0].startswith("sheet.csv was read as ")


@pytest.mark.usefixtures("without_pyarrow")
def test_without_pyarrow_parquet_is_counted_and_told_with_what_to_install_and_stops_no_other_file(
    tmp_path: Path,
) -> None:
    (tmp_path / "a.parquet").write_bytes(b"PAR1")
    (tmp_path / "b.csv").write_text(CLEAN)
    settings = FileFeedSettings.model_validate({"path": tmp_path, "preset": "desk"})

    refused, taken = open_feed(settings).poll(NOW)

    assert refused.left_out == {"file": 1}
    assert "a.parquet is a Parquet file, and pyarrow" in refused.notes[0]
    assert 'run pip install "brentwatch[parquet]"' in refused.notes[0]
    assert facts(taken) == RIGHT


def test_parquet_is_read_with_its_dates(tmp_path: Path) -> None:
    assert facts(read(tmp_path, parquet(), "sheet.parquet")) == RIGHT


def test_a_note_of_two_lines_is_one_summary(tmp_path: Path) -> None:
    delivery = read(tmp_path, CLEAN.replace("March to the port", '"March to\nthe port"'))
    assert facts(delivery) == RIGHT


def test_the_names_of_a_sheet_may_be_others(tmp_path: Path) -> None:
    sheet = (
        "Day,Nation,Town,Event,Deaths,Latitude,Longitude,Description,Source\n"
        "2024-05-06,Kazakhstan,Aktau,armed clash,3,43.65,51.17,Shots,https://example.org/a\n"
        "2024-05-06,Kazakhstan,Almaty,Armed-Clash,,,,Shots too,An invented paper\n"
    )
    one, two = read(tmp_path, sheet).documents
    assert (one.event_class, two.event_class) == (EventClass.ARMED_CLASH, EventClass.ARMED_CLASH)
    assert ([each.url for each in one.sources], two.sources) == (["https://example.org/a"], ())
    assert one.location is not None
    assert (one.location.place, one.location.lon, one.location.precision) == ("Aktau", 51.17, "exact")
    assert two.fatalities is None


@pytest.mark.parametrize("column", ["Story", "Story ID", "story_id"])
def test_a_person_may_say_which_story_an_event_belongs_to(column: str, tmp_path: Path) -> None:
    sheet = (
        f"Date,Country,Type,{column}\n2024-05-06,Kazakhstan,riot,desk:spring\n2024-05-07,Kazakhstan,riot,\n"
    )
    one, two = read(tmp_path, sheet).documents

    assert (one.story_id, two.story_id) == ("desk:spring", None)
    assert (convert_to_core(one).story_id, convert_to_core(two).story_id) == ("desk:spring", None)


def test_an_event_and_a_type_are_a_summary_and_a_class(tmp_path: Path) -> None:
    (event,) = read(tmp_path, "Date,Country,Type,Event\n2024-05-06,KAZ,riot,Shots at the square\n").documents
    assert (event.event_class, event.summary) == (EventClass.RIOT, "Shots at the square")


@pytest.mark.parametrize(
    ("cell", "column"),
    [
        ("inf", "Killed"), ("-inf", "Killed"), ("1e400", "Killed"), ("-3", "Killed"), ("2.5", "Killed"),
        ("9" * 5000, "Killed"), ("many", "Killed"), ("\u00b2", "Killed"), ("0x10", "Killed"),
        ("1_0", "Killed"),
        ("inf", "Lat"), ("1e400", "Lat"), ("NaN", "Lat"), ("91", "Lat"), ("-90.01", "Lat"), ("north", "Lat"),
        ("181", "Lon"), ("", "Lon"), ("1e400", "Lon"),
        ("0001-01-01T00:00:00+14:00", "Date"), ("9999-12-31T23:59:59-14:00", "Date"), ("0000-00-00", "Date"),
        ("2024-02-30", "Date"), ("9999-12-31", "Date"), ("", "Date"), ("1e400", "Date"), ("nan", "Date"),
        ("2024-05-06 14:30", "Date"), ("2024-05-06T25:00:00Z", "Date"), ("99999999999999999999", "Date"),
        ("XXX", "Country"), ("", "Country"), ("Atlantis", "Country"), ("nan", "Country"),
        ("Attack", "Type"), ("nan", "Type"), ("x" * 201, "City"),
    ],
)  # fmt: skip
def test_an_odd_cell_costs_its_row_and_no_other(cell: str, column: str, tmp_path: Path) -> None:
    names = HEADER.split(",")
    cells = ROWS[0].split(",")
    cells[names.index(column)] = cell
    delivery = read(tmp_path, "\n".join((HEADER, ",".join(cells), *ROWS[1:])) + "\n")
    assert facts(delivery) == RIGHT[1:]
    assert delivery.left_out == {"unreadable": 1}
    (note,) = delivery.notes
    assert note.startswith("row 2 of sheet.csv: ")
    assert "expected" in note


def test_an_unknown_class_lists_the_valid_ones_and_is_told_once(tmp_path: Path) -> None:
    sheet = CLEAN.replace("strike", "Attack").replace("blockade", "Attack").replace("protest", "Attack")
    delivery = read(tmp_path, sheet)
    assert delivery.left_out == {"unreadable": 3}
    (note,) = delivery.notes
    assert note.startswith(
        "row 2 of sheet.csv: event_class is text of 6 characters; expected one of protest, "
    )
    assert all(each.value in note for each in EventClass)
    assert note.endswith("(3 rows have this fault)")


def test_rows_that_the_table_refuses_are_counted_with_those_of_the_feed(tmp_path: Path) -> None:
    sheet = CLEAN + "2024-05-03,KAZ,Aktau,riot,1,43.6,51.1,a,b\n2024-05-03,KAZ,Ak\x00tau,riot,1,43.6,51.1,a\n"
    delivery = read(tmp_path, sheet + "2024-05-03,Atlantis,Aktau,riot,1,43.6,51.1,a\n" + ROWS[0] + "\n")
    assert facts(delivery) == RIGHT[1:] + RIGHT[:1]
    assert delivery.left_out == {"unreadable": 3, "known": 1}
    assert len(delivery.documents) + sum(delivery.left_out.values()) == 7
    assert [note[:6] for note in delivery.notes] == ["row 5 ", "row 6 ", "row 7 "]


def test_day_and_month_are_told_apart_by_the_file_or_by_the_settings_or_not_at_all(tmp_path: Path) -> None:
    sheet = CLEAN.replace("2024-05-06", "06/05/2024").replace("2024-05-05", "04/05/2024")
    sheet = sheet.replace("2024-05-04", "03/05/2024")
    delivery = read(tmp_path, sheet)
    assert (delivery.documents, delivery.left_out) == ((), {"file": 1})
    assert 'ingest.file.day_order = "day-first"' in delivery.notes[0]
    assert len(read(tmp_path, sheet, day_order="day-first").documents) == 3
    decided = read(tmp_path, sheet + "30/04/2024,KAZ,Aktau,riot,1,43.6,51.1,The last of April\n")
    assert [f"{each.known_at:%d.%m.}" for each in decided.documents] == [
        "06.05.",
        "04.05.",
        "03.05.",
        "30.04.",
    ]


@pytest.mark.parametrize("data", [b"", b"\n \n", f"{HEADER}\n".encode(), f"{HEADER}".encode("utf-16")])
def test_a_file_without_rows_is_empty_and_no_error(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "sheet.csv"
    path.write_bytes(data)
    found = list(open_feed(FileFeedSettings.model_validate({"path": path, "preset": "desk"})).poll(NOW))
    assert [(each.documents, each.left_out) for each in found] in ([], [((), {})])


def test_columns_that_are_needed_are_named_where_they_are_missing(tmp_path: Path) -> None:
    delivery = read(tmp_path, CLEAN, preset="none")
    assert delivery.left_out == {}
    delivery = read(tmp_path, CLEAN.replace("Country", "Weather"))
    assert delivery.left_out == {"file": 1}
    assert "expected a column for country" in delivery.notes[0]
    delivery = read(tmp_path, CLEAN, preset="none", mapping={"country": "Land", "fatalities": "Toll"})
    assert "not Land (for country)" in delivery.notes[0]


def test_an_optional_column_of_the_mapping_that_is_missing_is_told(tmp_path: Path) -> None:
    delivery = read(tmp_path, CLEAN, preset="none", mapping=MAPPING | {"fatalities": "Toll"})
    assert len(delivery.documents) == 3
    assert delivery.remarks[0].endswith("; not used: Killed; no column Toll for fatalities")


def test_a_workbook_is_read_as_its_csv_is(tmp_path: Path) -> None:
    xlsx = Path(__file__).parent / "data" / "sheet.xlsx"
    assert facts(read(tmp_path, xlsx.read_bytes(), "sheet.xlsx")) == RIGHT


@pytest.mark.parametrize(
    ("start", "known", "expected"),
    [
        ("2024-05-06", "", "06 00:00"),
        ("2024-05-06", "2024-05-07", "07 00:00"),
        ("2024-05-06", "2024-05-06T11:00:00Z", "06 11:00"),
        ("2024-05-06T10:00:00+06:00", "", "06 04:00"),
        ("2024-05-06T10:00:00Z", "2024-05-06", "06 10:00"),
        ("2024-05-06T10:00:00Z", "2024-05-07", "07 00:00"),
    ],
)
def test_a_bare_date_is_the_beginning_of_its_day(
    start: str, known: str, expected: str, tmp_path: Path
) -> None:
    (event,) = read(tmp_path, f"start,known_at,country\n{start},{known},KAZ\n", preset="none").documents
    assert f"{event.known_at:%d %H:%M}" == expected


def test_text_that_is_too_long_for_a_summary_is_shortened_visibly(tmp_path: Path) -> None:
    (event,) = read(tmp_path, f"Date,Country,Note\n2024-05-06,KAZ,{'word ' * 200}\n").documents
    assert len(event.summary) == 500
    assert event.summary.endswith("…")
