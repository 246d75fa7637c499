"""The report as data: report.json, which has all of it, and CSV tables for a spreadsheet.

Numbers have all their digits (Python's `repr`), so that two runs give the same bytes. Texts of others are
cleaned; no cell is a formula in a spreadsheet.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import msgspec

from brentwatch.core.domain import Confounder
from brentwatch.history.tables import write_csv
from brentwatch.message.foreign import clean, escape_formula, escape_json
from brentwatch.replay.report import contents

KIND = "replay_report"
VERSION = 1

Cell = str | float | int | bool | date | datetime | None


def encode_report(report: contents.ReplayReport) -> bytes:
    """One JSON document with sorted keys: `kind`, `version`, and the fields of the report.

    Raises:
        ValueError: if a number is not finite, which no report holds.
    """
    document = {"kind": KIND, "version": VERSION, **msgspec.to_builtins(report)}
    text = json.dumps(document, sort_keys=True, allow_nan=False, ensure_ascii=False, separators=(",", ":"))
    return f"{escape_json(text)}\n".encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportTable:
    """One CSV table: its `name` is the end of the file's name."""

    name: str
    columns: tuple[str, ...]
    list_rows: Callable[[contents.ReplayReport], Iterable[Sequence[Cell]]]

    def encode(self, report: contents.ReplayReport) -> bytes:
        """The table of a report, in UTF-8."""
        rows = ([_format_cell(cell) for cell in row] for row in self.list_rows(report))
        return write_csv(self.columns, rows).encode()


def _format_cell(cell: Cell) -> str:
    match cell:
        case None:
            return ""
        case bool():
            return str(cell).lower()
        case float():
            return repr(cell)
        case datetime() | date():
            return cell.isoformat()
        case _:
            return escape_formula(clean(str(cell)))


_TEST = (
    "previous_session",
    "previous_close",
    "close",
    "move",
    "expected",
    "low",
    "high",
    "z",
    "p",
    "verdict",
)


def _list_test(tested: contents.TestedSession) -> tuple[Cell, ...]:
    return tuple(getattr(tested, name) for name in _TEST)


def _join_confounders(confounders: Iterable[Confounder]) -> str:
    return " | ".join(f"{each.session} {each.kind}: {each.text}" for each in confounders)


def _list_event_rows(report: contents.ReplayReport) -> Iterator[tuple[Cell, ...]]:
    """A row for each session of an event; one for an event without a session."""
    for event in report.events:
        known = (event.event_id, event.label, event.known_at, event.by_day, event.outcome)
        risk = (event.exposure, event.production_kbd, event.transit_kbd)
        text = (_join_confounders(event.confounders), event.summary, event.source)
        for each in event.sessions or (None,):
            yield (*known, *risk, *_list_event_session(each, event.reason), event.alert_id, *text)


def _list_event_session(each: contents.EventSession | None, reason: str) -> tuple[Cell, ...]:
    nothing = (None,) * len(_TEST)
    if each is None:
        return (None, None, *nothing, reason)
    if isinstance(each.test, contents.UntestedSession):
        return (each.session, each.carried, *nothing, f"{each.test.outcome}: {each.test.reason}")
    return (each.session, each.carried, *_list_test(each.test), "")


def _list_alert_rows(report: contents.ReplayReport) -> Iterator[tuple[Cell, ...]]:
    for alert in report.alerts:
        leads = {each.stage: each.lead_hours for each in alert.answers}
        left = {each.sessions: each.directed for each in alert.left}
        yield (
            *(alert.session, alert.alert_id, alert.words, alert.severity, alert.direction),
            *(alert.opened_at, alert.opening_stage, leads.get(alert.opening_stage), alert.price_at_alert),
            *(alert.move, alert.low, alert.high, alert.p, alert.level, alert.estimate),
            *(left.get(1), left.get(5), left.get(10), alert.events_total, alert.exposure),
            _join_confounders(alert.confounders),
        )


def _list_session_rows(report: contents.ReplayReport) -> Iterator[tuple[Cell, ...]]:
    for each in report.sessions:
        yield (each.session, *_list_test(each), each.detectable, each.origin, each.events_total)


def _list_test_rows(report: contents.ReplayReport) -> Iterator[tuple[Cell, ...]]:
    for each in report.average_tests:
        window = f"[{each.window.start}, {each.window.end}]"
        found = (each.statistic, each.p, each.degrees_of_freedom, each.n, each.valid)
        yield (each.test, each.quantity, window, *found, each.null, each.note)


def _list_quality_rows(report: contents.ReplayReport) -> Iterator[tuple[Cell, ...]]:
    """The counts, then the records."""
    quality = report.quality
    yield from (("count", each.kind, each.reason, each.count, "", "", "") for each in quality.counts)
    yield from (
        ("record", each.kind, each.reason, 1, each.name, each.when, each.detail) for each in quality.rows
    )
    yield from (("not listed", each.kind, each.reason, each.count, "", "", "") for each in quality.unlisted)


def _list_car_rows(report: contents.ReplayReport) -> Iterator[tuple[Cell, ...]]:
    for each in () if report.mean_car is None else report.mean_car.points:
        yield (each.tau, each.aar, each.caar, each.band_low, each.band_high)


def _list_month_rows(report: contents.ReplayReport) -> Iterator[tuple[Cell, ...]]:
    yield from (
        (each.year, each.month, each.sessions, each.z, each.session, each.alarms) for each in report.months
    )


def _list_histogram_rows(report: contents.ReplayReport) -> Iterator[tuple[Cell, ...]]:
    for group in report.p_values:
        for number, count in enumerate(group.counts):
            ends = (number / len(group.counts), (number + 1) / len(group.counts))
            yield (group.group, group.n, *ends, count, group.expected)


TABLES = (
    ReportTable(
        name="events",
        columns=(
            *(
                "event_id",
                "label",
                "known_at",
                "by_day",
                "outcome",
                "exposure",
                "production_kbd",
                "transit_kbd",
            ),
            *("session", "carried", *_TEST, "no_test", "alert_id", "confounders", "summary", "source"),
        ),
        list_rows=_list_event_rows,
    ),
    ReportTable(
        name="alerts",
        columns=(
            *("session", "alert_id", "words", "severity", "direction", "opened_at", "opening_stage"),
            *("lead_hours", "price_at_alert", "move", "low", "high", "p", "level", "estimate_given_alert"),
            *("left_1", "left_5", "left_10", "events", "exposure", "confounders"),
        ),
        list_rows=_list_alert_rows,
    ),
    ReportTable(
        name="sessions",
        columns=("session", *_TEST, "detectable", "origin", "events"),
        list_rows=_list_session_rows,
    ),
    ReportTable(
        name="tests",
        columns=("test", "quantity", "window", "statistic", "p", "df", "n", "valid", "null", "note"),
        list_rows=_list_test_rows,
    ),
    ReportTable(
        name="mean-car",
        columns=("tau", "aar", "caar", "band_low", "band_high"),
        list_rows=_list_car_rows,
    ),
    ReportTable(
        name="p-values",
        columns=("group", "n", "from", "to", "count", "expected"),
        list_rows=_list_histogram_rows,
    ),
    ReportTable(
        name="months",
        columns=("year", "month", "sessions", "largest_z", "session", "abnormal"),
        list_rows=_list_month_rows,
    ),
    ReportTable(
        name="quality",
        columns=("row", "kind", "reason", "count", "name", "when", "detail"),
        list_rows=_list_quality_rows,
    ),
)
