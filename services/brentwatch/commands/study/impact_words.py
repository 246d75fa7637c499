"""The words of a study by the monitor's forecasts, for the table and the page alike."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from brentwatch.commands.study.impact_results import ImpactRun
from brentwatch.core.domain import Found, Refused
from brentwatch.core.impact.impacts import EventImpact, Impacts, MoveVerdict, WindowImpact, judge_move
from brentwatch.message import figures
from brentwatch.message.foreign import clean


@dataclass(frozen=True, slots=True, kw_only=True)
class ImpactLine:
    """One line for people: the event stands in the first line of its own, `found` is None if refused."""

    event: str
    sessions: str
    move: str = ""
    normal: str = ""
    p: str = ""
    verdict: MoveVerdict | None = None
    found: Found | None = None
    reason: str = ""


def list_lines(impacts: Impacts) -> Iterator[ImpactLine]:
    """A line for each window of each event; of its second session, one for the session alone."""
    before = ""
    for impact in impacts.found:
        windows = [each for each in impact.windows if not impact.carried or each.window.end == 0]
        for each in windows or impact.windows[:1]:
            name = name_event(impact)
            yield _build_line("" if name == before else name, impact, each, impacts.level)
            before = name


def name_event(impact: EventImpact) -> str:
    """The event's name, without the date in front of a name that was made from it: the sessions say it."""
    prefix = f"{impact.known.isoformat()} "
    return clean(impact.event.removeprefix(prefix)) or clean(impact.event)


def _build_line(name: str, impact: EventImpact, each: WindowImpact, level: float) -> ImpactLine:
    sessions, found = _describe_sessions(impact, each), each.result
    if isinstance(found, Refused):
        return ImpactLine(event=name, sessions=sessions, reason=found.reason)
    return ImpactLine(
        event=name,
        sessions=sessions,
        move=figures.format_percent(found.total),
        normal=figures.format_percent_range(*found.normal_range),
        p=figures.format_p_number(found.p),
        verdict=judge_move(found, level),
        found=found,
    )


def _describe_sessions(impact: EventImpact, each: WindowImpact) -> str:
    """The session, "or" the second one of a bare date, or the last session of a longer window."""
    if each.window.end == 0:
        return f"{'or ' if impact.carried else ''}{_format_date(impact.session)}"
    so_far = len(each.sessions) < each.window.sessions
    return f"to {figures.format_short_day(each.sessions[-1])}{' …' if so_far else ''}"


def _format_date(session: date) -> str:
    return f"{figures.format_short_day(session)} {session.year}"


def list_explanations(run: ImpactRun) -> Iterator[str]:
    """What the words mean, and how often they are wrong."""
    impacts = run.impacts
    level = figures.format_level(impacts.level)
    yield (
        f"abnormal: p is {level} or less. outside: outside the normal range, which holds 95 of 100 moves "
        "when nothing happens. normal: within it."
    )
    if any(each.date_only for each in impacts.found):
        yield "or: the time of day is unknown, so the news may belong to that session."
    if any(len(each.sessions) < each.window.sessions for row in impacts.found for each in row.windows):
        yield "…: later sessions of the window have no price yet."
    yield describe_error_rate(run)


def describe_error_rate(run: ImpactRun) -> str:
    """How often the model is wrong, in one sentence."""
    record, model = run.calibration, run.impacts.model
    if record is None:
        return (
            f"How often {model} is wrong on these prices is not measured: `brentwatch calibrate` measures it."
        )
    alarms = f", and p was 0.01 or less in {100.0 * record.size_01:.1f} %"
    return (
        f"How often this is wrong: of {record.n:,} sessions from {record.first.year} to {record.last.year}, "
        f"news or none, p was 0.05 or less in {100.0 * record.size_05:.1f} %{alarms}."
    )


def describe_method(run: ImpactRun) -> str:
    """What was compared with what."""
    impacts = run.impacts
    return (
        f"{run.prices}, {impacts.model}: each move is compared with the forecast made at the settlement "
        "before."
    )
