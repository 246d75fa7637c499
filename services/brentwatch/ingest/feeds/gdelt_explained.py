"""Explains the decision of the word filter about each row of a GDELT file."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from brentwatch.core.errors import InvalidInput
from brentwatch.ingest.feeds.gdelt_files import LONGEST_ROW, MOST_ROWS, split_lines, unpack_rows
from brentwatch.ingest.feeds.gdelt_rows import COLUMNS, Report, RowDecision, decide_row
from brentwatch.ingest.gdelt_words.judging import LeavesOut
from brentwatch.ingest.gdelt_words.vocabulary import Vocabulary
from brentwatch.web.failures import NoAnswer
from brentwatch.web.fetching import Fetcher
from brentwatch.wire.countries import map_from_fips

KEPT = "kept"
_LARGEST = 64 << 20
_ZIP = b"PK\x03\x04"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedRow:
    """One row: `outcome` is "kept" or a reason; `words` decided; `moved_from` is the row's own country."""

    number: str
    outcome: str
    country: str
    moved_from: str
    kind: str
    event_class: str
    words: tuple[str, ...]
    url: str


def read_export(place: str, timeout_seconds: float) -> list[str]:
    """The rows of an export file, zipped or not, at a path or an address.

    Raises:
        NoAnswer: if the address does not answer.
        InvalidInput: if it is not such a file.
    """
    if place.startswith(("http://", "https://")):
        data = Fetcher(timeout_seconds, largest_bytes=_LARGEST).get(place)
    else:
        with Path(place).open("rb") as file:
            data = file.read(_LARGEST + 1)
    if len(data) > _LARGEST:
        raise InvalidInput(f"{place} has more than {_LARGEST:,} bytes; expected an export file of GDELT")
    rows = [row.decode("utf-8", "replace") for row in _split_rows(data, place)]
    if not any(row.count("\t") == COLUMNS - 1 for row in rows):
        raise InvalidInput(
            f"{place} has no row of {COLUMNS} columns; expected an export file of GDELT 2.0, tab-separated, "
            "zipped or not: name one, such as 20240507120000.export.CSV.zip"
        )
    return rows


def _split_rows(data: bytes, place: str) -> list[bytes]:
    if not data.startswith(_ZIP):
        return list(split_lines([data], LONGEST_ROW))[:MOST_ROWS]
    try:
        return unpack_rows(data, place, _LARGEST)
    except NoAnswer as error:
        raise InvalidInput(str(error).removesuffix("; the request is repeated later")) from None


def explain_rows(rows: Iterable[str], oldest_days: int, vocabulary: Vocabulary) -> list[ExplainedRow]:
    """The decision about each row, as in the feed; whether it joins an event is not checked."""
    return [_explain_row(row, decide_row(row, oldest_days, vocabulary)) for row in rows]


def _explain_row(row: str, decision: RowDecision) -> ExplainedRow:
    cells = row.split("\t")
    cells = cells if len(cells) == COLUMNS else [""] * COLUMNS
    hints, report = decision.hints, decision.outcome
    own = map_from_fips().get(cells[53], "")
    country = hints.country if hints is not None and hints.country else own
    return ExplainedRow(
        number=cells[0],
        outcome=_name_outcome(decision),
        country=country,
        moved_from=own if country != own else "",
        kind="" if hints is None or hints.kind is None else hints.kind.value,
        event_class=report.event_class.value if isinstance(report, Report) else "",
        words=() if hints is None else hints.words,
        url=cells[60].strip(),
    )


def _name_outcome(decision: RowDecision) -> str:
    if isinstance(decision.hints, LeavesOut):
        return decision.hints.reason.value
    return KEPT if isinstance(decision.outcome, Report) else decision.outcome
