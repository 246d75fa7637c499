"""Files of labelled GDELT reports: their columns, and samples of reports to label."""

from collections.abc import Iterable, Mapping, Sequence
from random import Random

from brentwatch.ingest.feeds.gdelt_rows import COLUMNS, classify

FIELDS: Mapping[str, int] = {
    "GlobalEventID": 0,
    "SQLDATE": 1,
    "DATEADDED": 59,
    "Actor1Code": 5,
    "Actor1CountryCode": 7,
    "Actor1Type1Code": 12,
    "Actor2Code": 15,
    "Actor2CountryCode": 17,
    "Actor2Type1Code": 22,
    "IsRootEvent": 25,
    "EventCode": 26,
    "GoldsteinScale": 30,
    "NumMentions": 31,
    "NumSources": 32,
    "NumArticles": 33,
    "AvgTone": 34,
    "ActionGeo_Type": 51,
    "ActionGeo_FullName": 52,
    "ActionGeo_CountryCode": 53,
    "ActionGeo_ADM1Code": 54,
    "ActionGeo_Lat": 56,
    "ActionGeo_Long": 57,
    "SOURCEURL": 60,
}
"""The columns of GDELT by name, with their places in a row."""

LABELS = ("is_current_unrest", "country_right", "class_right", "true_class")
"""The columns to fill in: yes, no or doubtful; yes or no; yes or no; the kind of unrest."""

COLUMN_NAMES = ("file", *FIELDS, *LABELS)


def name_file(place: str) -> str:
    """The value of the column `file` for an export file: its day if its name begins with a time."""
    name = place.rstrip("/").rpartition("/")[2]
    return f"{name[:4]}-{name[4:6]}-{name[6:8]}" if name[:14].isdigit() and len(name) > 13 else name


def read_label_group(file: str) -> str:
    """The group of rows that is measured separately: the year of a date, otherwise the first word."""
    is_date = len(file) == 10 and file[4] == "-"
    return file[:4] if is_date else file.partition(" ")[0]


def draw_rows(lines: Iterable[str], name: str, count: int, seed: int) -> list[dict[str, str]]:
    """A sample of reports with an unrest code, drawn with `seed`, in file order, without labels."""
    cells = [found for line in lines if len(found := line.split("\t")) == COLUMNS and classify(found[26])]
    chosen = sorted(Random(seed).sample(range(len(cells)), min(count, len(cells))))  # noqa: S311 - a sample
    return [_build_row(cells[at], name) for at in chosen]


def _build_row(cells: Sequence[str], name: str) -> dict[str, str]:
    told = {column: cells[at] for column, at in FIELDS.items()}
    return {"file": name} | told | dict.fromkeys(LABELS, "")
