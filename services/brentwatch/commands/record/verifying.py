"""`brentwatch record verify`: no byte was changed, and the numbers follow from their source."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

import click

from brentwatch.commands.process import say
from brentwatch.commands.record.sources import RecordSource
from brentwatch.commands.record.writing import make_lines
from brentwatch.core.domain import Alert
from brentwatch.message.foreign import clean
from brentwatch.replay.record_file import load_record
from brentwatch.replay.scored_record import build_header
from brentwatch.wire.record_line import AlertLine, FeedbackLine, HeaderLine, HeadsUpLine, Line, build_entry

TOLERANCE = 1e-4
"""How far probabilities may lie apart, and other numbers as a share of themselves: fits differ by machine."""

_SMALL = 1e-7
_PROBABILITIES = ("p", "pit")
_MOST_SHOWN = 10


@dataclass(frozen=True, slots=True)
class LineDifference:
    """A field whose values differ, as a path; `farthest` is the distance of two numbers, else infinite."""

    field: str
    farthest: float
    is_wrong: bool
    words: str


def verify_chain(file: str) -> list[Line]:
    """The lines of a record whose chain is intact, which is printed.

    Raises:
        InvalidInput: if a byte was changed, or a line is no line of a record.
    """
    lines = load_record(Path(file))
    click.echo(f"the chain is intact: {len(lines):,} lines")
    return lines


def verify_numbers(lines: Sequence[Line], source: RecordSource) -> int:
    """Make every line again and compare; print the result, and return how many lines differ."""
    header = build_header(source.rules.instrument)
    written = [line for line in lines if not isinstance(line, FeedbackLine | HeaderLine)]
    made = (line for line, _ in zip(make_lines(source), written, strict=False))
    wrong, exact, farthest = int(lines[0] != header), 0, 0.0
    for line, again in zip_longest(written, made):
        found = list(_compare_lines(line, again))
        exact += not found
        farthest = max([farthest, *(each.farthest for each in found if not each.is_wrong)])
        if any(each.is_wrong for each in found):
            wrong += 1
            _tell(line, found, wrong)
    _summarise(len(written), exact, farthest, wrong)
    return wrong


def _summarise(count: int, exact: int, farthest: float, wrong: int) -> None:
    if exact == count:
        click.echo(f"{count:,} lines made again: all are the same, bit for bit")
    elif not wrong:
        click.echo(
            f"{count:,} lines made again: {exact:,} are the same, bit for bit, and the others within "
            f"{TOLERANCE:g} (farthest {farthest:.1g})"
        )
    else:
        click.echo(f"{count:,} lines made again: {wrong:,} differ by more than {TOLERANCE:g}")


def _tell(line: Line | None, found: Sequence[LineDifference], number: int) -> None:
    if number > _MOST_SHOWN or line is None:
        return
    place = getattr(line, "session", "")
    words = "; ".join(f"{each.field} {each.words}" for each in found if each.is_wrong)
    say(f"record: {line.__struct_config__.tag} {place} differs: {clean(words)}")


def verify_alerts(lines: Sequence[Line], alerts: Iterable[Alert], *, rules_changed: bool) -> int:
    """Compare the alerts of a record with those that were published; print and return how many differ.

    What is newer than the last line of either side is not compared. If the rules changed, differences are
    printed and do not count: what was published before stays as it is.
    """
    recorded = {
        (line.alert_id, line.revision): (line.known_at, getattr(line, "severity", None))
        for line in lines
        if isinstance(line, AlertLine | HeadsUpLine)
    }
    published = {(each.alert_id, each.revision): (each.known_at, each.severity) for each in alerts}
    ends = (max((known_at for known_at, _ in side.values()), default=None) for side in (recorded, published))
    end = min((each for each in ends if each is not None), default=None)
    both = {key for side in (recorded, published) for key, (at, _) in side.items() if end and at <= end}
    differing = sum(recorded.get(key) != published.get(key) for key in both)
    if not differing:
        click.echo(f"{len(both):,} revisions of alerts are those on impact.alerts")
    else:
        click.echo(f"{differing:,} of {len(both):,} revisions of alerts are not as on impact.alerts")
    if differing and rules_changed:
        say("record: the monitor was rebuilt under new rules; what it published before may differ")
    return 0 if rules_changed else differing


def _compare_lines(line: Line | None, again: Line | None) -> Iterator[LineDifference]:
    if line is None or again is None:
        yield LineDifference("line", math.inf, True, "is missing on one side")
    elif line != again:
        yield from compare_values(build_entry(line), build_entry(again), "")


def compare_values(one: object, other: object, field: str) -> Iterator[LineDifference]:
    """Where two values of JSON differ; the rules that decided a line may have another number."""
    match one, other:
        case Mapping(), Mapping():
            for name in sorted({*one, *other} - {"rules"}):
                yield from compare_values(one.get(name), other.get(name), f"{field}.{name}".lstrip("."))
        case ((list() | tuple()), (list() | tuple())) if len(one) == len(other):
            for number, (mine, theirs) in enumerate(zip(one, other, strict=True)):
                yield from compare_values(mine, theirs, f"{field}.{number}")
        case ((int() | float()), (int() | float())) if one != other:
            distance = abs(one - other)
            if field.rpartition(".")[2] not in _PROBABILITIES:
                distance /= max(abs(one), abs(other), _SMALL / TOLERANCE)
            yield LineDifference(field, distance, distance > TOLERANCE, f"is {one!r}, made again {other!r}")
        case _ if one != other:
            yield LineDifference(field, math.inf, True, f"is {one!r}, made again {other!r}")
