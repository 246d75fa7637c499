"""`brentwatch events`: the events of a recorded history or of the timeline, as rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from brentwatch.commands.options import Command, parse_time
from brentwatch.commands.printer import FORMS, print_rows
from brentwatch.commands.process import ExitCode, say
from brentwatch.core.domain import EventAdmitted, EventClass, Precision, Status, UnrestEvent
from brentwatch.core.errors import InvalidInput
from brentwatch.message.foreign import clean, cut_text
from brentwatch.settings.origins import Assignment, Sources

if TYPE_CHECKING:
    from brentwatch.settings.composed import Settings

_COLUMNS = (
    "known_at", "occurred_at", "precision", "class", "country", "place", "exposure", "relevance", "feed",
    "headline", "revision", "status", "event_id",
)  # fmt: skip
_FOR_PEOPLE = ("known", "occurred", "event", "exposure", "relevance", "feed", "headline", "revision")
_PROSE = ("event", "headline")
_ROOM_FOR_A_FEED, _ROOM_FOR_A_HEADLINE = 20, 120


def _parse_countries(_: click.Context, __: click.Parameter, names: tuple[str, ...]) -> frozenset[str]:
    from brentwatch.wire.countries import read_country

    try:
        return frozenset(map(read_country, names))
    except InvalidInput as error:
        raise click.BadParameter(str(error)) from None


@dataclass(frozen=True, slots=True)
class _Filter:
    """The conditions for an event to be listed; an empty set is no condition."""

    since: datetime | None
    countries: frozenset[str]
    classes: frozenset[str]

    def admits(self, event: UnrestEvent) -> bool:
        """Whether the event is listed."""
        is_since = self.since is None or event.known_at >= self.since
        is_there = not self.countries or not self.countries.isdisjoint(event.countries)
        return is_since and is_there and (not self.classes or event.event_class in self.classes)


@click.command("events", cls=Command)
@click.argument("history", required=False)
@click.option("--from-kafka", is_flag=True, help="List the events on the timeline instead of a history.")
@click.option("--prefix", help="Topic name prefix (kafka.topic_prefix).")
@click.option("--instrument", help="Instrument of the timeline (default: the first one that opens alerts).")
@click.option(
    "--since", callback=parse_time, metavar="TIME", help="Only events known at this time (UTC) or later."
)
@click.option(
    "--country",
    "countries",
    multiple=True,
    metavar="COUNTRY",
    callback=_parse_countries,
    help="Only events in this country, by name or ISO code; repeatable.",
)
@click.option(
    "--class",
    "classes",
    multiple=True,
    metavar="CLASS",
    type=click.Choice([each.value for each in EventClass]),
    help="Only events of this class, such as strike; repeatable.",
)
@click.option("--format", "form", type=click.Choice(FORMS), default="table", show_default=True)
@click.pass_obj
def command(
    sources: Sources,
    *,
    history: str | None,
    from_kafka: bool,
    prefix: str | None,
    instrument: str | None,
    since: datetime | None,
    countries: frozenset[str],
    classes: tuple[str, ...],
    form: str,
) -> int:
    """List the events of HISTORY, a bundled name or a folder, or those on the timeline: one row a revision.

    The timeline holds the events that the screen admitted. Exposure and relevance are those of the screen; an
    exposure of "-" is unknown. JSON is one object a line. Exits with 4 if no event matches, and with 5 if
    lines of the history could not be read.
    """
    if from_kafka == (history is not None):
        raise click.UsageError("expected a HISTORY or --from-kafka, and not both: name one of them")
    settings = _load_settings(sources, prefix)
    unreadable = 0
    if history is None:
        events = _read_timeline(settings, instrument)
    else:
        events, unreadable = _read_history(settings, history, instrument)
    chosen = _Filter(since, countries, frozenset(classes))
    matching = [each for each in events if chosen.admits(each.event)]
    if matching:
        _print(matching, form)
    return _report(len(events), len(matching), unreadable)


def _load_settings(sources: Sources, prefix: str | None) -> Settings:
    from brentwatch.settings.load import load

    flags = [] if prefix is None else [Assignment("kafka.topic_prefix", prefix, "--prefix")]
    return load(replace(sources, flags=(*sources.flags, *flags))).settings


def _read_timeline(settings: Settings, instrument: str | None) -> Sequence[EventAdmitted]:
    from brentwatch.commands.options import choose_live_instrument
    from brentwatch.replay.recording import read_admitted

    return read_admitted(settings.kafka, choose_live_instrument(settings, instrument))


def _read_history(
    settings: Settings, history: str, instrument: str | None
) -> tuple[Sequence[EventAdmitted], int]:
    """The events, and how many lines could not be read."""
    from brentwatch.commands.options import choose_for_history
    from brentwatch.history.folder import find_history

    found = find_history(history, choose_for_history(history, settings, instrument))
    events = [signal for signal in found.signals if isinstance(signal, EventAdmitted)]
    return events, len(found.dead_letters)


def _print(events: Sequence[EventAdmitted], form: str) -> None:
    if form != "table":
        print_rows(_COLUMNS, [_build_row(each) for each in events], form)
        return
    has_revisions = any(each.event.revision or each.event.status is not Status.NEW for each in events)
    columns = _FOR_PEOPLE if has_revisions else _FOR_PEOPLE[:-1]
    print_rows(columns, [_describe_row(each) for each in events], form, prose=_PROSE)


def _build_row(admitted: EventAdmitted) -> dict[str, object]:
    """For programs; text of others is cleaned here too."""
    event = admitted.event
    told = (
        _format_instant(event.known_at), _format_instant(event.occurred_at), event.precision.value,
        event.event_class.value, event.country, clean(event.place or "") or None, _find_exposure(admitted),
        admitted.relevance, clean(event.feed) or None, clean(event.summary) or None, event.revision,
        event.status.value, clean(event.event_id),
    )  # fmt: skip
    return dict(zip(_COLUMNS, told, strict=True))


def _describe_row(admitted: EventAdmitted) -> dict[str, object]:
    """For people."""
    from brentwatch.message.event_lines import describe_what_and_where

    event, exposure = admitted.event, _find_exposure(admitted)
    retracted = "retracted" if event.status is Status.RETRACT else None
    told = (
        f"{event.known_at:%Y-%m-%d %H:%M}", _format_occurred(event), describe_what_and_where(event),
        None if exposure is None else f"{exposure:.2f}", f"{admitted.relevance:.2f}",
        cut_text(clean(event.feed), _ROOM_FOR_A_FEED) or None,
        cut_text(clean(event.summary), _ROOM_FOR_A_HEADLINE) or None, retracted or event.revision or None,
    )  # fmt: skip
    return dict(zip(_FOR_PEOPLE, told, strict=True))


def _find_exposure(admitted: EventAdmitted) -> float | None:
    return None if admitted.exposure is None else admitted.exposure.weight


def _format_instant(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


_PERIODS = {Precision.WEEK: "%G-W%V", Precision.MONTH: "%Y-%m", Precision.YEAR: "%Y"}


def _format_occurred(event: UnrestEvent) -> str:
    """The time of day if that was the day on which it was known, otherwise the day, week, month or year."""
    at = event.occurred_at.astimezone(UTC)
    if event.precision.within_a_day and at.date() == event.known_at.astimezone(UTC).date():
        return f"{at:%H:%M}"
    return at.strftime(_PERIODS.get(event.precision, "%Y-%m-%d"))


def _report(read: int, matching: int, unreadable: int) -> ExitCode:
    if unreadable:
        say(f"events: {'1 line' if unreadable == 1 else f'{unreadable:,} lines'} could not be read")
    if not matching:
        say(f"events: no event matches; {read:,} were read" if read else "events: there is no event")
        return ExitCode.NOTHING_MATCHED
    return ExitCode.PARTIAL if unreadable else ExitCode.OK
