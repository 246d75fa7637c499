"""`brentwatch record score`: the scores as text, one JSON object, or CSV."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from brentwatch.commands.printer import format_csv, format_json_line
from brentwatch.commands.process import ExitCode, say
from brentwatch.commands.record.contents import RecordContents, gather_contents
from brentwatch.commands.record.sections import build_sections, write_text
from brentwatch.core.calibration.alert_scores import judge_held, score_heads_ups, score_level
from brentwatch.core.calibration.record_scores import ScoreGroup, check_uniformity, score_record
from brentwatch.core.domain import Severity
from brentwatch.replay.record_file import load_record

COLUMNS = (
    *("dimension", "group", "sessions", "inside", "p_05", "log_score", "crps"),
    *("peer", "peer_sessions", "log_gain", "log_error", "crps_gain", "crps_error"),
)


def print_scores(file: str, form: str) -> int:
    """Print the scores of a record in a form, and return the exit code.

    Raises:
        InvalidInput: if the file is no whole record.
    """
    from brentwatch.message.tables import measure_terminal

    contents = gather_contents(load_record(Path(file)))
    match form:
        case "json":
            click.echo(format_json_line(build_object(contents)))
        case "csv":
            click.echo(format_csv(COLUMNS, list_rows(score_record(contents.tested))), nl=False)
        case _:
            write_text(build_sections(contents), click.echo, measure_terminal())
    if contents.tested:
        return ExitCode.OK
    say(f"record: {file} has no tested session, so there is nothing to score")
    return ExitCode.NOTHING_MATCHED


def list_rows(groups: Sequence[ScoreGroup]) -> Iterator[tuple[object, ...]]:
    """A row for each group and peer; shares are fractions, CRPS is a log fraction."""
    for group in groups:
        scores = (group.n, group.covered / group.n, group.alarms / group.n, group.log_score, group.crps)
        for gain in group.gains:
            yield (group.dimension, group.group, *scores, *dataclasses.astuple(gain))


def build_object(contents: RecordContents) -> dict[str, object]:
    """Every score, for programs."""
    held = judge_held(contents.moves)
    abnormal = {each.session: each.p <= contents.header.level for each in contents.tested}
    levels = [score_level(str(each), contents.alerts, held) for each in reversed(Severity)]
    return {
        "instrument": contents.header.instrument,
        "series": contents.header.series,
        "level": contents.header.level,
        "sessions": len(contents.sessions),
        "tested": len(contents.tested),
        "abnormal": sum(abnormal.values()),
        "revised": contents.revised,
        "fit": [dataclasses.asdict(each) for each in check_uniformity(contents.tested)],
        "scores": [dataclasses.asdict(each) for each in score_record(contents.tested)],
        "levels": [dataclasses.asdict(each) for each in levels],
        "heads_ups": dataclasses.asdict(score_heads_ups(contents.alerts, abnormal)),
    }
