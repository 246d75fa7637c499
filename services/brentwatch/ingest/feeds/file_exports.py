"""Exports of ACLED and UCDP as files, mapped like the answers of their APIs."""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from msgspec.structs import replace

from brentwatch.history.tables import DayOrder, Table, TableRow, normalise_name, read_dates, read_numbers
from brentwatch.ingest.feeds import acled_rows, ucdp
from brentwatch.ingest.feeds.file_rows import DAY_ORDER, FileRow, ReadRow
from brentwatch.ingest.feeds.presets import check_source_columns
from brentwatch.wire.countries import map_to_iso_number, read_country
from brentwatch.wire.event_document import Provenance, UnrestEventDocument

Values = dict[str, Any]

_ACLED_DATES = ("event_date",)
_ACLED_NUMBERS = (
    "time_precision", "iso", "latitude", "longitude", "geo_precision", "fatalities", "timestamp",
)  # fmt: skip
_ACLED_REQUIRED = (
    "event_id_cnty", "event_date", "time_precision", "event_type", "sub_event_type", "country", "location",
    "latitude", "longitude", "geo_precision", "fatalities", "timestamp",
)  # fmt: skip
_UCDP_DATES = ("date_start", "date_end")
_UCDP_NUMBERS = (
    "id", "type_of_violence", "number_of_sources", "where_prec", "latitude", "longitude", "country_id",
    "date_prec", "best", "high", "low",
)  # fmt: skip
_UCDP_REQUIRED = (
    "id", "type_of_violence", "where_prec", "latitude", "longitude", "country_id", "date_prec", "date_start",
    "date_end", "best", "high", "low",
)  # fmt: skip


def read_acled_rows_of(table: Table, feed: str, order: DayOrder | None) -> ReadRow:
    """The reader for the rows of a CSV export of ACLED.

    Raises:
        InvalidInput: if it is not one.
    """
    check_source_columns(table, "ACLED", _ACLED_REQUIRED)
    values_of = _read_values_of(table, _ACLED_DATES, _ACLED_NUMBERS, order)

    def read(row: TableRow) -> FileRow:
        values = values_of(row)
        if values.get("iso") is None:
            values["iso"] = map_to_iso_number()[read_country(values["country"])]
        return FileRow(document=_replace_provenance(acled_rows.parse_row(values), feed))

    return read


def read_ucdp_rows_of(
    table: Table, feed: str, order: DayOrder | None, released: date | None, changed: datetime
) -> ReadRow:
    """The reader for the rows of a download of UCDP that was `released` on that day.

    If the day is unknown, the rows became known when the file was last `changed`.

    Raises:
        InvalidInput: if it is not one.
    """
    check_source_columns(table, "UCDP", _UCDP_REQUIRED)
    values_of = _read_values_of(table, _UCDP_DATES, _UCDP_NUMBERS, order)
    day = released or changed.date()

    def read(row: TableRow) -> FileRow:
        document = ucdp.parse_row(values_of(row), day)
        if released is None:
            document = replace(document, known_at=changed)
        return FileRow(document=_replace_provenance(document, feed))

    return read


def find_release(name: str, released: Mapping[str, date]) -> date | None:
    """The release day of the version in the name of a file; None if it is unknown."""
    numbers = f".{'.'.join(re.findall(r'[0-9]+', name))}."
    fitting = [version for version in released if f".{version}." in numbers]
    return released[max(fitting, key=len)] if fitting else None


def _read_values_of(
    table: Table, dates: tuple[str, ...], numbers: tuple[str, ...], order: DayOrder | None
) -> Callable[[TableRow], Values]:
    """The converter of a row to the form of the API: fields by name, dates as YYYY-MM-DD."""
    names = [normalise_name(column) for column in table.columns]
    days = {
        name: read_dates(table, at, order, DAY_ORDER)
        for name in dates
        if (at := table.find(name)) is not None
    }
    amounts = {name: read_numbers(table, at) for name in numbers if (at := table.find(name)) is not None}

    def values_of(row: TableRow) -> Values:
        values: Values = dict(zip(names, row.cells, strict=True))
        values |= {name: each.read_day(row).isoformat() for name, each in days.items()}
        values |= {name: each.read_value(row) for name, each in amounts.items()}
        return values

    return values_of


def _replace_provenance(document: UnrestEventDocument, feed: str) -> UnrestEventDocument:
    """Its provenance: a file, on the terms of its source."""
    terms = document.provenance
    licence, attribution = (terms.licence, terms.attribution) if terms else (None, None)
    return replace(document, provenance=Provenance(feed=feed, licence=licence, attribution=attribution))
