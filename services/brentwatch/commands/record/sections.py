"""The scores of a record as sections of a page: misses first. Text for a terminal, Markdown for the docs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from brentwatch.commands.record.contents import RecordContents
from brentwatch.core.calibration.alert_scores import (
    AFTER,
    MedianHours,
    judge_held,
    score_chance,
    score_heads_ups,
    score_level,
)
from brentwatch.core.calibration.record_scores import Gain, ScoreGroup, check_uniformity, score_record
from brentwatch.core.domain import Severity
from brentwatch.core.domain.shares import ExactShare
from brentwatch.message.figures import (
    MINUS,
    format_level,
    format_p_number,
    format_percent,
    format_percent_range,
)
from brentwatch.message.foreign import clean
from brentwatch.wire.record_line import SessionLine

_WORST = 10
Row = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordSection:
    """A part of the page: what to know of it in sentences, and a table, which may be empty."""

    title: str
    notes: tuple[str, ...]
    columns: Row = ()
    rows: tuple[Row, ...] = ()


def build_sections(contents: RecordContents) -> list[RecordSection]:
    """All sections, misses first."""
    groups = score_record(contents.tested)
    return [
        _describe_whole(contents),
        _list_missed(contents),
        _list_false_alarms(contents),
        _list_taken_back(contents),
        _describe_gains(groups),
        _describe_fit(contents),
        *(_describe_groups(groups, each) for each in ("year", "fifth")),
        _describe_levels(contents),
        _describe_heads_ups(contents),
    ]


def _describe_whole(contents: RecordContents) -> RecordSection:
    tested, every = contents.tested, contents.sessions
    refused = sum(each.outcome == "refused" for each in every)
    missing = sum(each.outcome == "missing" for each in every)
    level = contents.header.level
    abnormal = sum(each.p <= level for each in tested)
    without = sum(each.outcome == "tested" for each in every) - len(tested)
    span = f", {tested[0].session} to {tested[-1].session}" if tested else ""
    notes = [
        f"{len(tested):,} sessions of {clean(contents.header.series)} tested{span}; {refused:,} could not be "
        f"tested, {missing:,} have no price.",
        f"{abnormal:,} were abnormal at the alert level {format_level(level)}; "
        f"{level * len(tested):,.1f} are expected by chance.",
    ]
    if without:
        notes.append(f"{without:,} tested sessions have no recorded forecast and are not scored.")
    if contents.revised:
        notes.append(f"{contents.revised:,} prices were revised later; the scores use the last revision.")
    return RecordSection(title="Record", notes=tuple(notes))


def _list_missed(contents: RecordContents) -> RecordSection:
    """The largest moves after an event that opened no alert."""
    alerted = {alert.session for alert in contents.alerts if alert.severity}
    missed = [
        line
        for line in contents.sessions
        if line.events and line.session not in alerted and line.log_return is not None
    ]
    missed.sort(key=lambda line: -abs(line.log_return or 0.0))
    return RecordSection(
        title="Misses: the largest moves after an event, without an alert",
        notes=(f"{len(missed):,} sessions followed a known event and opened no alert.",),
        columns=("session", "move", "normal range", "p", "events"),
        rows=tuple((*_describe_move(line), str(line.events)) for line in missed[:_WORST]),
    )


def _list_false_alarms(contents: RecordContents) -> RecordSection:
    """The sessions at the alert level for which no event was known: the smallest p first."""
    level = contents.header.level
    alarms = [
        line for line in contents.sessions if line.p is not None and line.p <= level and not line.events
    ]
    alarms.sort(key=lambda line: line.p or 0.0)
    return RecordSection(
        title="False alarms: abnormal sessions without a known event",
        notes=(
            f"{len(alarms):,} sessions. They are recorded with the level `info`. Some had news of another "
            "kind, which no event of unrest explains.",
        ),
        columns=("session", "move", "normal range", "p"),
        rows=tuple(_describe_move(line) for line in alarms[:_WORST]),
    )


def _list_taken_back(contents: RecordContents) -> RecordSection:
    """The alerts after an event whose move the next sessions took back."""
    held = judge_held(contents.moves)
    loud = {each.session: each.severity for each in contents.alerts if each.severity not in ("", "info")}
    back = [line for line in contents.sessions if line.session in loud and not held.get(line.session, True)]
    return RecordSection(
        title="Alerts that were taken back",
        notes=(
            f"{len(back):,} of {len(loud):,} alerts after an event: the {AFTER} sessions after the move took "
            "back half of it or more.",
        ),
        columns=("session", "move", "normal range", "p", "level"),
        rows=tuple((*_describe_move(line), loud[line.session]) for line in back[:_WORST]),
    )


def _describe_move(line: SessionLine) -> Row:
    known = line.low is not None and line.high is not None
    return (
        line.session.isoformat(),
        "-" if line.log_return is None else format_percent(line.log_return),
        format_percent_range(line.low or 0.0, line.high or 0.0) if known else "-",
        "not tested" if line.p is None else format_p_number(line.p),
    )


def _describe_gains(groups: Sequence[ScoreGroup]) -> RecordSection:
    rows = tuple(_describe_gain(each) for group in groups[:1] for each in group.gains)
    return RecordSection(
        title="Forecasts against simpler models",
        notes=(
            "By how much the forecasts scored better in the same sessions, ± one standard error "
            "(Newey-West). Below zero the simpler model was better.",
        ),
        columns=("model", "sessions", "log score", "CRPS"),
        rows=rows,
    )


def _describe_gain(gain: Gain) -> Row:
    return (gain.peer, f"{gain.n:,}", *_format_gain(gain))


def _format_gain(gain: Gain) -> Row:
    crps = f"{_sign(100.0 * gain.crps_gain, 2)} ± {100.0 * gain.crps_error:.2f} %"
    return f"{_sign(gain.log_gain, 3)} ± {gain.log_error:.3f}", crps


def _describe_fit(contents: RecordContents) -> RecordSection:
    return RecordSection(
        title="Are the forecast probabilities uniform (PIT)?",
        notes=("The probability that a forecast gave to a return at or below the one that came.",),
        columns=("test", "statistic", "p"),
        rows=tuple(
            (each.name, f"{each.statistic:.3f}", format_p_number(each.p))
            for each in check_uniformity(contents.tested)
        ),
    )


def _describe_groups(groups: Sequence[ScoreGroup], dimension: str) -> RecordSection:
    """Coverage and scores of each group of a dimension."""
    of_it = [group for group in groups if group.dimension in ("all", dimension)]
    peers = sorted({gain.peer for group in of_it for gain in group.gains})
    words = {"year": "year", "fifth": "fifth of volatility"}[dimension]
    return RecordSection(
        title=f"By {words}",
        notes=(
            "Returns inside the 95 % range, sessions with p at or below 0.05, mean CRPS in percent, and the "
            "gain in log score over each simpler model, ± one standard error.",
        ),
        columns=(words, "sessions", "inside", "p ≤ 0.05", "CRPS", *(f"over {peer}" for peer in peers)),
        rows=tuple(_describe_group(group, peers) for group in of_it),
    )


def _describe_group(group: ScoreGroup, peers: Sequence[str]) -> Row:
    gains = {gain.peer: _format_gain(gain)[0] for gain in group.gains}
    return (
        group.group,
        f"{group.n:,}",
        f"{100.0 * group.covered / group.n:.1f} %",
        f"{100.0 * group.alarms / group.n:.1f} %",
        f"{100.0 * group.crps:.3f}",
        *(gains.get(peer, "-") for peer in peers),
    )


def _describe_levels(contents: RecordContents) -> RecordSection:
    held = judge_held(contents.moves)
    scores = [score_level(str(each), contents.alerts, held) for each in reversed(Severity)]
    chance = score_chance(contents.moves, held, contents.header.level)
    return RecordSection(
        title="Alerts by level",
        notes=(
            f"Held: the {AFTER} sessions after the move did not take back half of it. The test of an alert "
            "never decides whether it was right. Useful: of the answers that people gave. Shares have exact "
            "95 % intervals.",
            f"Held among all sessions at the alert level, with or without an event: {_format_share(chance)}.",
        ),
        columns=("level", "alerts", "held", "useful", "hours after the news"),
        rows=tuple(
            (
                each.level,
                f"{each.alerts:,}",
                _format_share(each.held),
                _format_share(each.answered),
                _format_hours(each.delay),
            )
            for each in scores
        ),
    )


def _describe_heads_ups(contents: RecordContents) -> RecordSection:
    tested = {each.session: each.p <= contents.header.level for each in contents.tested}
    score = score_heads_ups(contents.alerts, tested)
    base = ExactShare(sum(tested.values()), len(tested))
    return RecordSection(
        title="Heads-ups",
        notes=(
            "A heads-up is sent at the news, before any price test. An abnormal session followed "
            f"{_format_share(score.abnormal)}; of all sessions, {_format_share(base)} are abnormal.",
            f"Hours before the settlement: {_format_hours(score.lead)}. "
            f"Found useful: {_format_share(score.answered)}.",
        ),
    )


def _format_share(share: ExactShare) -> str:
    if not share.total:
        return "none"
    percent = f"{100.0 * share.count / share.total:.{0 if share.total < 1_000 else 1}f}"
    interval = f"{100.0 * share.low:.1f} to {100.0 * share.high:.1f}"
    return f"{share.count:,} of {share.total:,}: {percent} % ({interval})"


def _format_hours(hours: MedianHours | None) -> str:
    if hours is None:
        return "none"
    return f"{hours.median:.1f} ({hours.low:.1f} to {hours.high:.1f})"


def _sign(value: float, digits: int) -> str:
    return f"{value:+.{digits}f}".replace("-", MINUS)


def write_text(sections: Sequence[RecordSection], print_line: Callable[[str], object], width: int) -> None:
    """Print the sections for a terminal of `width` columns."""
    from textwrap import wrap

    from rich import box
    from rich.table import Table

    from brentwatch.message.tables import print_table

    for number, section in enumerate(sections):
        for line in [*([""] if number else []), section.title]:
            print_line(line)
        for note in section.notes:
            for line in wrap(note, width - 2):
                print_line(f"  {line}")
        if section.rows:
            drawn = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
            for column in section.columns:
                drawn.add_column(column, no_wrap=True)
            for row in section.rows:
                drawn.add_row(*row)
            print_table(drawn, width)


def write_markdown(sections: Sequence[RecordSection]) -> Iterator[str]:
    """The lines of the sections as Markdown, without the first title."""
    for number, section in enumerate(sections):
        if number:
            yield from (f"## {section.title}", "")
        for note in section.notes:
            yield from (note, "")
        if section.rows:
            yield f"| {' | '.join(section.columns)} |"
            yield f"|{'---|' * len(section.columns)}"
            yield from (f"| {' | '.join(row)} |" for row in section.rows)
            yield ""
