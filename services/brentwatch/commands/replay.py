"""`brentwatch replay`: a recorded history, or the live timeline, through the code that runs live."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

import click

from brentwatch.commands.options import Command
from brentwatch.commands.process import ExitCode, say
from brentwatch.core.domain import Instrument, Signal
from brentwatch.replay.recording import Recording
from brentwatch.settings.origins import Sources

if TYPE_CHECKING:
    from brentwatch.replay.report.gathering import Gathered
    from brentwatch.replay.turns import Tally, Turn
    from brentwatch.settings.composed import Settings


_LONG = 3_000
"""Signals; a replay of fewer takes no time that progress should be shown of."""


@click.command("replay", cls=Command)
@click.argument("history", required=False)
@click.option("--from-kafka", is_flag=True, help="Replay the timeline on the broker instead of a history.")
@click.option(
    "--partial",
    is_flag=True,
    help="With --from-kafka: replay the rest of a timeline whose beginning was deleted; results are flagged.",
)
@click.option("--prefix", help="Topic name prefix (kafka.topic_prefix).")
@click.option(
    "--since", metavar="TIME", help="Show only what became known at this date or time (UTC) or later."
)
@click.option(
    "--until", metavar="TIME", help="Show only what was known by this time, or by the end of this date."
)
@click.option("--instrument", help="Instrument of the prices (default: from history.toml).")
@click.option("--story", is_flag=True, help="Tell everything, event by event and session by session.")
@click.option("--alerts", is_flag=True, help="Only the alerts and heads-ups, each revision as it is sent.")
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="One object a line: event, session, study or alert; moves as log fractions.",
)
@click.option("--report", metavar="FILE.html", help="Also write a report to forward, with its figures.")
@click.pass_obj
def command(
    sources: Sources,
    *,
    history: str | None,
    from_kafka: bool,
    partial: bool,
    prefix: str | None,
    since: str | None,
    until: str | None,
    instrument: str | None,
    story: bool,
    alerts: bool,
    as_json: bool,
    report: str | None,
) -> int:
    """Play HISTORY, a bundled name or a folder, through the monitor; no Kafka needed.

    It prints the alerts, one row for each tested session, and the verdict.

    Bundled are kazakhstan-2022, vorukh-2021, abqaiq-2019, libya-2011, catalogue (82 events from 2002 to
    2026), and intraday-demo, which is made up. Exits with 5 if lines of the events could not be read, with 4
    if nothing was tested.

    --from-kafka reads the timeline on the broker, joins no group and writes nothing: its studies and alerts
    are those that the monitor published, id for id. What was known before --since is used, and not shown. A
    timeline whose beginning was deleted is refused, unless --partial is given: then each study and alert is
    flagged partial_history.

    --report writes one HTML page, and next to it FILE.json with the same figures and FILE-events.csv,
    -alerts, -sessions, -tests, -mean-car, -p-values, -months and -quality. Files of an earlier report are
    replaced, and no others.
    """
    from brentwatch.commands.options import choose_for_history, choose_live_instrument
    from brentwatch.commands.replay import parse_period
    from brentwatch.commands.replay_report import check_report, start_gathering, write_replay_report
    from brentwatch.replay.turns import Tally

    if from_kafka == (history is not None):
        raise click.UsageError("expected a HISTORY or --from-kafka, and not both: name one of them")
    if partial and not from_kafka:
        raise click.UsageError("--partial needs --from-kafka: brentwatch replay --from-kafka --partial")
    if story + alerts + as_json > 1:
        raise click.UsageError("expected at most one of --story, --alerts and --json; leave out the others")
    shown = parse_period(since, until)
    page = None if report is None else check_report(report)
    settings = _load_settings(sources, prefix)
    tested = (
        choose_live_instrument(settings, instrument)
        if history is None
        else replace(choose_for_history(history, settings, instrument), alerts=True)
    )
    if history is None:
        given = {"--prefix": prefix, "--since": since, "--until": until, "--instrument": instrument}
        flags = {"--story": story, "--alerts": alerts, "--json": as_json}
        given["--report"] = report
        recording = _read_timeline(
            settings, tested, "" if partial else _build_partial_command(sources, given, flags)
        )
    else:
        recording = _read_history(tested, history)
    if recording.closed_at is not None:
        say(
            f"replay: the monitor was rebuilt under new rules at offset {recording.closed_at}; what it "
            "published before may differ"
        )
    context = tuple(entry for entry in recording.context if shown.has_part_of(entry.date))
    recording = replace(recording, context=context)
    tally = Tally(unreadable=len(recording.unreadable))
    streams = (story or as_json) and sys.stdout.isatty()  # what is printed as it comes is progress enough
    gathered = (
        None if page is None else start_gathering(recording, tested, shown.count_signals(recording.signals))
    )
    turns = _count_turns(_replay_turns(recording, tested, shown, gathered, has_progress=not streams), tally)
    if as_json:
        _print_lines(recording, turns, tally)
    elif story:
        _print_story(recording, turns, tested, tally)
    else:
        _print_brief(recording, turns, tested, tally, only_alerts=alerts)
    if page is not None and gathered is not None:
        write_replay_report(gathered, shown.since, shown.until, page)
    return _choose_exit_code(tally)


def _load_settings(sources: Sources, prefix: str | None) -> Settings:
    from brentwatch.settings.load import load
    from brentwatch.settings.origins import Assignment

    flags = [] if prefix is None else [Assignment("kafka.topic_prefix", prefix, "--prefix")]
    return load(replace(sources, flags=(*sources.flags, *flags))).settings


def _read_timeline(settings: Settings, instrument: Instrument, partial_command: str) -> Recording:
    from brentwatch.replay.recording import read_timeline

    return read_timeline(settings.kafka, instrument, partial=partial_command)


def _read_history(instrument: Instrument, history: str) -> Recording:
    from brentwatch.replay.recording import read_history

    return read_history(history, instrument)


def _build_partial_command(
    sources: Sources, given: Mapping[str, str | None], flags: Mapping[str, bool]
) -> str:
    """This command with --partial, as a shell reads it."""
    from brentwatch.stream import CommandLine

    words = [word for name, value in given.items() if value is not None for word in (name, value)]
    words += [flag for flag, is_given in flags.items() if is_given]
    return CommandLine(("replay", "--from-kafka"), sources.redact_arguments()).format_with_flags(
        "--partial", *words
    )


def _replay_turns(
    recording: Recording,
    instrument: Instrument,
    shown: Period,
    gathered: Gathered | None,
    *,
    has_progress: bool,
) -> Iterator[Turn]:
    from brentwatch.commands.progress import track_progress
    from brentwatch.history.rules import build_rules
    from brentwatch.replay.turns import replay_signals

    signals = recording.signals[: shown.count_signals(recording.signals)]
    counted: Iterable[Signal] = signals
    if has_progress and len(signals) > _LONG:
        counted = track_progress(signals, "replay", unit="signals", total=len(signals))
    known = build_rules(instrument, partial=recording.partial)

    def reject(signal: Signal, error: Exception) -> None:
        tell_rejected(signal, error)
        if gathered is not None and signal.known_at in shown:
            gathered.reject(signal, error)

    for turn in replay_signals(known, counted, reject, recording.closed_after):
        if turn.signal.known_at in shown:
            if gathered is not None:
                gathered.take(turn)
            yield turn


def tell_rejected(signal: Signal, error: Exception) -> None:
    """Say on standard error which signal a replay left out, and why."""
    from brentwatch.message.foreign import clean

    said = clean(f"{type(error).__name__}: {error}")
    say(
        f"replay: rejected {type(signal).__name__} known at {signal.known_at:%Y-%m-%d %H:%M}: {said}",
    )


def _count_turns(turns: Iterable[Turn], tally: Tally) -> Iterator[Turn]:
    for turn in turns:
        tally.take(turn)
        yield turn


def _print_lines(recording: Recording, turns: Iterable[Turn], tally: Tally) -> None:
    from brentwatch.replay.lines import encode_nothing_tested, encode_turn, encode_unreadable
    from brentwatch.replay.summary import explain_nothing_tested

    for line in encode_unreadable(recording.unreadable):
        _print_line(line)
    for turn in turns:
        for line in encode_turn(turn):
            _print_line(line)
    if not (tally.tested or tally.answered):
        _print_line(encode_nothing_tested(explain_nothing_tested(tally)))


def _print_line(line: bytes) -> None:
    from brentwatch.message.foreign import escape_json

    click.echo(escape_json(line.decode()).encode())  # in UTF-8, whatever the terminal


def _print_story(recording: Recording, turns: Iterable[Turn], instrument: Instrument, tally: Tally) -> None:
    from brentwatch.message.tables import PIPED_COLUMNS, measure_terminal, print_table
    from brentwatch.replay.brief import build_brief_table, select_rows
    from brentwatch.replay.leads import build_lead_table
    from brentwatch.replay.story import Story
    from brentwatch.replay.summary import summarise_replay

    width = measure_terminal()
    story = Story(instrument, recording.context, min(width, PIPED_COLUMNS))
    for line in (*story.describe_recording(recording), *story.describe_unreadable(recording.unreadable)):
        click.echo(line)
    for turn in turns:
        for line in story.describe_turn(turn):
            click.echo(line)
    for line in (*story.report_rest(), *story.format_verdict(summarise_replay(tally, instrument))):
        click.echo(line)
    rows = select_rows(tally, instrument.alert_level)
    for table in (build_brief_table(rows, instrument) if rows else None, build_lead_table(tally)):
        if table is not None:
            click.echo()
            print_table(table, width)


def _print_brief(
    recording: Recording, turns: Iterable[Turn], instrument: Instrument, tally: Tally, *, only_alerts: bool
) -> None:
    """All at the end, so that a bar of progress is not torn apart."""
    from brentwatch.message.tables import PIPED_COLUMNS, measure_terminal, print_table
    from brentwatch.replay.brief import Brief

    width = measure_terminal()
    brief = Brief(instrument, min(width, PIPED_COLUMNS))
    for turn in turns:
        brief.take(turn)
    if only_alerts:
        _print_text(brief.format_every_alert())
        return
    _print_text((*brief.describe_recording(recording), *brief.format_alerts()))
    table, notes = brief.build_rows(tally)
    if table is not None:
        click.echo()
        print_table(table, width)
    _print_text((*notes, *brief.format_verdict(tally)))


def _print_text(lines: Iterable[str]) -> None:
    for line in lines:
        click.echo(line)


def _choose_exit_code(tally: Tally) -> int:
    from brentwatch.replay.summary import explain_nothing_tested

    if tally.unreadable:
        say(f"replay: {tally.unreadable:,} lines of the events could not be read")
    if not (tally.tested or tally.answered):
        say(f"replay: {explain_nothing_tested(tally)}")
        return ExitCode.NOTHING_MATCHED
    return ExitCode.PARTIAL if tally.unreadable else ExitCode.OK


@dataclass(frozen=True, slots=True)
class Period:
    """From `since` to before `until`, both UTC; None: without that end."""

    since: datetime | None
    until: datetime | None

    def __contains__(self, moment: datetime) -> bool:
        after = self.since is None or moment >= self.since
        return after and (self.until is None or moment < self.until)

    def has_part_of(self, day: date) -> bool:
        """Whether a part of the day, UTC, is in it."""
        start = datetime.combine(day, time(), tzinfo=UTC)
        begun = self.until is None or start < self.until
        return begun and (self.since is None or start + timedelta(days=1) > self.since)

    def count_signals(self, signals: Sequence[Signal]) -> int:
        """How many signals must be folded so that the last one of the period is among them."""
        shown = [number for number, signal in enumerate(signals, start=1) if signal.known_at in self]
        return shown[-1] if shown else 0


def parse_period(since: str | None, until: str | None) -> Period:
    """The period between two options; a bare date is that whole day, UTC.

    Raises:
        UsageError: if one is no date and no time with its offset, or the end is not after the start.
    """
    start = None if since is None else _parse_moment("--since", since)
    end = None if until is None else _parse_moment("--until", until, whole_day=timedelta(days=1))
    if start is not None and end is not None and end <= start:
        raise click.UsageError(f"--until {until} is not after --since {since}; expected a later end")
    return Period(start, end)


def _parse_moment(option: str, text: str, whole_day: timedelta = timedelta()) -> datetime:
    try:
        return datetime.combine(date.fromisoformat(text), time(), tzinfo=UTC) + whole_day
    except ValueError:
        pass
    try:
        given = datetime.fromisoformat(text)
        moment = None if given.tzinfo is None else given.astimezone(UTC)
    except (ValueError, OverflowError):  # the ends of the calendar have no time in another zone
        moment = None
    if moment is None:
        raise click.UsageError(
            f"{option} is {text!r}; expected a date, or a time with its offset, such as 2022-01-05 or "
            "2022-01-05T09:00:00Z"
        )
    return moment
