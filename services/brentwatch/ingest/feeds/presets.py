"""The built-in file layouts of the file feed: `ingest.file.preset`."""

from collections.abc import Mapping
from enum import StrEnum

from brentwatch.core.errors import InvalidInput
from brentwatch.history.tables import Table, normalise_name
from brentwatch.wire.input_faults import show_value


class Preset(StrEnum):
    """The meaning of columns: by `mapping` only, by usual names of a desk, or by an export of a source."""

    NONE = "none"
    DESK = "desk"
    ACLED = "acled"
    UCDP = "ucdp"


FIELDS = (
    "event_id", "revision", "status", "start", "date", "end", "precision", "known_at", "country",
    "extra_countries", "place", "lat", "lon", "event_class", "summary", "url", "fatalities", "actors",
    "story_id",
)  # fmt: skip
"""The fields of an event that a column can give."""

DESK_NAMES: Mapping[str, tuple[str, ...]] = {
    "event_id": ("event id",),
    "start": ("start", "start date", "started"),
    "date": ("date", "day", "event date", "when", "occurred", "occurred on", "datetime", "date time"),
    "end": ("end", "end date", "ended"),
    "known_at": ("known at", "reported at", "published at"),
    "country": ("country", "nation", "country code", "iso3", "iso"),
    "extra_countries": ("extra countries", "other countries"),
    "place": ("place", "city", "town", "location"),
    "lat": ("lat", "latitude"),
    "lon": ("lon", "lng", "long", "longitude"),
    "event_class": ("class", "event class", "type", "event type", "kind", "category", "event"),
    "summary": ("summary", "note", "notes", "description", "headline", "comment", "what", "event"),
    "url": ("url", "link", "source url", "source", "sources"),
    "fatalities": ("fatalities", "killed", "deaths", "dead"),
    "actors": ("actors", "actor"),
    "story_id": ("story id", "story"),
}
"""Columns of a desk's sheet, ignoring case and spaces; the first one that exists counts."""


def find_columns(table: Table, preset: Preset, mapping: Mapping[str, str]) -> dict[str, int]:
    """The column of each field. A column is used once; `mapping` takes precedence.

    Raises:
        InvalidInput: if no column has the date or the country, or two columns have one name.
    """
    found: dict[str, int] = {}
    for field in sorted(FIELDS, key=lambda each: each not in mapping):
        names = (mapping[field],) if field in mapping else _list_names(field, preset)
        for name in names:
            at = table.find(name)
            if at is not None and (field in mapping or at not in found.values()):
                found[field] = at
                break
    _check_required(table, found, mapping)
    return found


def _list_names(field: str, preset: Preset) -> tuple[str, ...]:
    return (field, *DESK_NAMES.get(field, ())) if preset is Preset.DESK else (field,)


def _check_required(table: Table, found: Mapping[str, int], mapping: Mapping[str, str]) -> None:
    missing = [f"{name} (for {field})" for field, name in mapping.items() if table.find(name) is None]
    lacking = [] if "start" in found or "date" in found else ["start or date"]
    lacking += [] if "country" in found else ["country"]
    if not lacking:
        return
    told = f", and not {', '.join(missing)} of ingest.file.mapping" if missing else ""
    raise InvalidInput(
        f"{table.name} has the columns {show_value(', '.join(table.columns))}{told}; expected a column for "
        f"{' and for '.join(lacking)}: name it so in the first row, set it in ingest.file.mapping, "
        "or set ingest.file.preset to desk, acled or ucdp"
    )


def check_source_columns(table: Table, source: str, required: tuple[str, ...]) -> None:
    """Refuses a table that is not an export of that source.

    Raises:
        InvalidInput: if a column is missing.
    """
    there = set(map(normalise_name, table.columns))
    if missing := [name for name in required if name not in there]:
        raise InvalidInput(
            f"{table.name} has the columns {show_value(', '.join(table.columns))}; expected an export of "
            f"{source} "
            f"with {', '.join(missing)} ; export it with all columns, or correct ingest.file.preset"
        )
