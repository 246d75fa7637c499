"""Exports of ACLED and UCDP make the same events as their APIs. All rows are made up."""

from __future__ import annotations

import csv
import io
import os
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from tests.ingest.feeds import acled_stub, ucdp_stub
from tests.ingest.feeds.acled_stub import UPLOADED
from tests.ingest.feeds.contract import NOW, keys

from brentwatch.core.domain import Precision
from brentwatch.core.errors import SettingsError
from brentwatch.ingest.feeds import acled_rows, ucdp
from brentwatch.ingest.feeds.file import WatchedFiles, open_feed
from brentwatch.ingest.feeds.settings import FileFeedSettings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from brentwatch.ingest.feeds.deliveries import FeedDelivery

RELEASED = {"24.0.3": "2024-04-20", "24.0.4": "2024-05-06", "24.1": "2024-05-02"}


def table(rows: Sequence[Mapping[str, Any]], separator: str = ",") -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), delimiter=separator, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def opened(path: Path, preset: str, **settings: object) -> WatchedFiles:
    return open_feed(FileFeedSettings.model_validate({"path": path, "preset": preset, **settings}))


def read(path: Path, text: str, preset: str, name: str = "export.csv", **settings: object) -> FeedDelivery:
    (path / name).write_text(text)
    (delivery,) = opened(path / name, preset, **settings).poll(NOW)
    return delivery


def test_an_export_of_acled_makes_the_events_of_the_api(tmp_path: Path) -> None:
    rows = [acled_stub.row(1), acled_stub.row(2, iso="398", country="Kazakhstan", fatalities="3")]
    delivery = read(tmp_path, table(rows), "acled")
    assert keys(delivery.documents) == [("acled:NIG1", UPLOADED), ("acled:NIG2", UPLOADED)]
    for document, row in zip(delivery.documents, rows, strict=True):
        of_the_api = acled_rows.parse_row(row)
        assert document.provenance is not None
        assert of_the_api.provenance is not None
        assert document.provenance.feed == "file"
        assert document.provenance.licence == of_the_api.provenance.licence
        assert document.provenance.attribution == of_the_api.provenance.attribution
        assert (document.known_at, document.country, document.event_class, document.location) == (
            of_the_api.known_at, of_the_api.country, of_the_api.event_class, of_the_api.location,
        )  # fmt: skip
        assert "Made up" not in document.summary


@pytest.mark.parametrize(
    ("separator", "third", "thirtieth"),
    [
        (",", "2024-05-03", "2024-04-30"),
        (";", "03 May 2024", "30 April 2024"),
        ("\t", "03/05/2024", "30/04/2024"),
    ],
)
def test_exports_of_acled_write_dates_and_separators_in_several_ways(
    separator: str, third: str, thirtieth: str, tmp_path: Path
) -> None:
    rows = [acled_stub.row(1, event_date=third), acled_stub.row(2, event_date=thirtieth)]
    delivery = read(tmp_path, table(rows, separator), "acled")
    assert [f"{each.occurred.start:%m-%d}" for each in delivery.documents] == ["05-03", "04-30"]
    assert delivery.left_out == {}


def test_an_export_of_acled_without_numbers_of_countries_is_read_by_their_names(tmp_path: Path) -> None:
    rows = [{name: value for name, value in acled_stub.row(1).items() if name != "iso"}]
    (event,) = read(tmp_path, table(rows), "acled").documents
    assert event.country == "NGA"


def test_a_row_of_acled_that_was_revised_is_a_revision_and_odd_rows_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_text(
        table([acled_stub.row(1), acled_stub.row(2, latitude="n/a"), acled_stub.row(3, timestamp="1e400")])
    )
    feed = opened(path, "acled")
    (delivery,) = feed.poll(NOW)
    assert keys(delivery.documents) == [("acled:NIG1", UPLOADED)]
    assert delivery.left_out == {"unreadable": 2}
    path.write_text(
        table([acled_stub.row(1, fatalities="4", timestamp=str(UPLOADED + 60)), acled_stub.row(1)])
    )
    (delivery,) = feed.poll(NOW)
    assert keys(delivery.documents) == [("acled:NIG1", UPLOADED + 60)]
    assert delivery.left_out == {"known": 1}


def test_rows_of_acled_that_tell_of_long_ago_are_left_out_and_counted(tmp_path: Path) -> None:
    rows = [acled_stub.row(1), acled_stub.row(2, event_date="2019-05-03")]
    delivery = read(tmp_path, table(rows), "acled")
    assert keys(delivery.documents) == [("acled:NIG1", UPLOADED)]
    assert delivery.left_out == {"old": 1}


def downloaded(number: int, **changes: Any) -> dict[str, Any]:
    """A row as UCDP's CSV has it: dates with a clock, and more columns."""
    row = ucdp_stub.row(number) | {
        "conflict_name": "Iraq: Government", "geom_wkt": "POINT (44.3922 35.4681)", "gwnoa": 645, "gwnob": "",
        "date_start": "2024-03-24 00:00:00.000", "date_end": "2024-03-24 00:00:00.000",
    }  # fmt: skip
    return row | changes


def test_a_download_of_ucdp_makes_the_events_of_the_api(tmp_path: Path) -> None:
    text = table(
        [
            downloaded(1),
            downloaded(
                2, date_prec=4, date_start="2024-03-01 00:00:00.000", date_end="2024-03-31 00:00:00.000"
            ),
        ]
    )
    delivery = read(tmp_path, text, "ucdp", "GEDEvent_v24_0_3.csv", released=RELEASED)
    of_the_api = ucdp.parse_row(ucdp_stub.row(1), date(2024, 4, 20))
    one, two = delivery.documents
    assert (one.event_id, one.revision, one.known_at) == ("ucdp:1", of_the_api.revision, of_the_api.known_at)
    assert (one.country, one.location, one.fatalities) == ("IRQ", of_the_api.location, of_the_api.fatalities)
    assert one.provenance is not None
    assert (one.provenance.feed, one.provenance.licence) == ("file", "CC BY 4.0")
    assert two.occurred.precision is Precision.MONTH


@pytest.mark.parametrize(
    ("name", "released"),
    [
        ("GEDEvent_v24_0_3.csv", "2024-04-20"),
        ("GEDEvent_v24_0_4.csv", "2024-05-06"),
        ("ged-24.1.csv", "2024-05-02"),
    ],
)
def test_the_version_in_the_name_of_a_file_says_when_it_was_released(
    name: str, released: str, tmp_path: Path
) -> None:
    (event,) = read(tmp_path, table([downloaded(1)]), "ucdp", name, released=RELEASED).documents
    assert f"{event.known_at:%Y-%m-%d %H:%M:%S}" == f"{released} 23:59:59"


def test_a_download_whose_release_nobody_told_is_known_when_the_file_was_changed(tmp_path: Path) -> None:
    path = tmp_path / "GEDEvent_v24_0_3.csv"
    path.write_text(table([downloaded(1)]))
    os.utime(path, (UPLOADED, UPLOADED))
    (delivery,) = opened(path, "ucdp").poll(NOW)
    (event,) = delivery.documents
    assert event.known_at.timestamp() == UPLOADED
    assert "known since 2024-05-07, when the file last changed" in delivery.remarks[0]


def test_a_release_of_34_years_gives_what_was_news_at_the_time(tmp_path: Path) -> None:
    years = [
        downloaded(at, date_start=f"{1990 + at}-03-24", date_end=f"{1990 + at}-03-24") for at in range(34)
    ]
    delivery = read(
        tmp_path, table([*years, downloaded(99)]), "ucdp", "GEDEvent_v24_1.csv", released=RELEASED
    )
    assert keys(delivery.documents) == [("ucdp:99", ucdp.revision(date(2024, 5, 2)))]
    assert delivery.left_out == {"old": 34}


@pytest.mark.parametrize("preset", ["acled", "ucdp"])
def test_what_is_no_export_is_refused_with_what_is_missing(preset: str, tmp_path: Path) -> None:
    delivery = read(tmp_path, "date,country\n2024-05-06,KAZ\n", preset)
    assert delivery.left_out == {"file": 1}
    assert f"expected an export of {preset.upper()} with " in delivery.notes[0]


def test_a_mapping_beside_the_preset_of_a_source_has_no_use(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="together with the preset acled"):
        opened(tmp_path, "acled", mapping={"country": "Land"})
