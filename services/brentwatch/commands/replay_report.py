"""`brentwatch replay --report`: checks the files, gathers what the replay does, and writes the report."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from brentwatch.commands.process import say
from brentwatch.core.domain import Instrument

if TYPE_CHECKING:
    from brentwatch.replay.recording import Recording
    from brentwatch.replay.report.gathering import Gathered


def check_report(path: str) -> Path:
    """The path of the page, once it is known that the files can be written.

    Raises:
        InvalidInput: as `check_paths`.
    """
    from brentwatch.replay.report.output_files import check_paths

    page = Path(path)
    check_paths(page)
    return page


def start_gathering(recording: Recording, instrument: Instrument, signals: int) -> Gathered:
    """What takes the turns of a replay of the first `signals` signals."""
    from brentwatch.replay.report.gathering import Gathered

    return Gathered(instrument, recording, recording.signals[:signals])


def write_replay_report(
    gathered: Gathered, since: datetime | None, until: datetime | None, page: Path
) -> None:
    """Write all files of the report of a finished replay, and say where they are.

    Raises:
        InvalidInput: if a file cannot be written.
    """
    from brentwatch.history.rules import build_rules
    from brentwatch.message.foreign import escape_text
    from brentwatch.replay.report.building import build_report
    from brentwatch.replay.report.output_files import list_paths, write_report
    from brentwatch.replay.report.page import render_report

    rules = build_rules(gathered.instrument, partial=gathered.recording.partial)
    report = build_report(gathered, rules, since, until)
    write_report(report, render_report(report), page)
    beside = len(list_paths(page)) - 1
    say(f"replay: the report is in {escape_text(str(page))}, with {beside} files of figures next to it")
