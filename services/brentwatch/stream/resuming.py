"""The offset at which a service continues a partition, or why it stops, and the command that continues.

A group continues at its committed offset. A service with a state also saves the offset of its state, in the
transaction that commits the same offset: the two agree unless an operator moved one of them. Missing records
are never skipped silently: the operator allows it with a flag, and results are labelled.

    --partial     continue although records are missing; the results of a fold are flagged from then on
    --from-state  continue where the saved state ends, whatever offset the group has committed
    --rebuild     rebuild the state from the records that the group has answered
"""

from dataclasses import dataclass

from brentwatch.core.errors import NewerState, SettingsError
from brentwatch.stream.job import Job
from brentwatch.stream.records import Partition
from brentwatch.stream.settings import CommandLine

PARTIAL = "--partial"
FROM_STATE = "--from-state"
REBUILD = "--rebuild"


@dataclass(frozen=True, slots=True, kw_only=True)
class Offsets:
    """The offsets of a partition: `first` is the oldest record, `end` is after the newest.

    `committed` is the offset that the group reads next, None if it never committed.
    """

    partition: Partition
    first: int
    end: int
    committed: int | None


@dataclass(frozen=True, slots=True)
class StartPoint:
    """Read from `place` on.

    `partial`: records before it were deleted unread. `moved`: the group does not stand there yet.
    """

    place: int
    partial: bool = False
    moved: bool = False


def start_without_state(job: Job, offsets: Offsets) -> StartPoint:
    """Where a service that keeps no state begins.

    Raises:
        SettingsError: if records were deleted before they were read, or the topic is not the one that the
            group has read.
    """
    match offsets:
        case Offsets(committed=None):
            at_end = job.begins_at_end(offsets.partition)
            return StartPoint(offsets.end if at_end else offsets.first, moved=at_end)
        case Offsets(committed=int(place)) if offsets.first <= place <= offsets.end:
            return StartPoint(place)
    if job.partial or job.tolerant:
        return StartPoint(offsets.first, partial=True, moved=True)
    raise SettingsError(_describe_stop(job, offsets))


def start_from_state(job: Job, offsets: Offsets, saved: int | None) -> StartPoint:
    """The start of a service whose saved state is at offset `saved`, None if it has none.

    Raises:
        SettingsError: if the state, the group and the records do not belong together, or records are missing.
    """
    is_state_followed = (job.from_state or job.tolerant) and saved is not None
    place = saved if is_state_followed else offsets.committed
    if place != saved:
        raise SettingsError(_describe_disagreement(job, offsets, saved))
    moved = place != offsets.committed
    if place is None and offsets.first == 0:
        return StartPoint(0)
    if place is not None and offsets.first <= place <= offsets.end:
        return StartPoint(place, moved=moved)
    if place is not None and place > offsets.end:
        raise SettingsError(_describe_overrun(job, offsets, place))
    if job.partial:
        return StartPoint(offsets.first, partial=True, moved=True)
    raise SettingsError(_describe_deleted(job, offsets, place))


def start_of_rebuild(job: Job, offsets: Offsets) -> StartPoint:
    """Where a service continues once its state was recreated from the records before.

    Raises:
        SettingsError: if the beginning of the partition was deleted.
    """
    place = max(offsets.first, min(offsets.committed or 0, offsets.end))
    if offsets.first > 0 and not job.partial:
        raise SettingsError(
            f"the state of {job.group} for {offsets.partition} cannot be rebuilt: "
            f"{describe_missing(offsets)}. "
            f"{_suggest_flags(job.command, REBUILD, PARTIAL)}"
        )
    return StartPoint(place, partial=offsets.first > 0, moved=True)


def describe_missing(offsets: Offsets) -> str:
    """Which records are gone."""
    return describe_missing_before(offsets.first, 0)


def describe_missing_before(first: int, expected: int) -> str:
    """The records from `expected` to `first`, which is the oldest that is left."""
    last = first - 1
    which = f"offset {last} was" if last == expected else f"offsets {expected} to {last} were"
    count = first - expected
    records = "1 record is" if count == 1 else f"{count:,} records are"
    return f"{which} deleted, {records} missing, and the oldest remaining record is at offset {first}"


def explain_unusable_state(job: Job, offsets: Offsets, why: SettingsError) -> SettingsError:
    """The stop of a service whose saved state cannot be used; one that is newer is not to be replaced."""
    remedy = "" if isinstance(why, NewerState) else f". {_suggest_rebuild(job, offsets)}"
    return SettingsError(
        f"the saved state of {job.group} for {offsets.partition}, on {job.state_topic}, cannot be used: "
        f"{why}{remedy}"
    )


def _describe_stop(job: Job, offsets: Offsets) -> str:
    place = offsets.committed or 0
    where = f"group {job.group} would continue at offset {place} of {offsets.partition}"
    command = job.command.format_with_flags(PARTIAL)
    if place < offsets.first:
        return (
            f"{where}, but {describe_missing_before(offsets.first, place)}. To continue without them, from "
            f"offset {offsets.first}, run: {command}"
        )
    return (
        f"{where}, which ends at offset {offsets.end}: the topic was replaced or lost its newest records. "
        f"To read it from its oldest record, at offset {offsets.first}, run: {command}"
    )


def _describe_disagreement(job: Job, offsets: Offsets, saved: int | None) -> str:
    committed = offsets.committed
    group = (
        f"group {job.group} has committed no offset"
        if committed is None
        else f"group {job.group} has committed offset {committed}"
    )
    if saved is None:
        told = f"{group} of {offsets.partition}, but {job.state_topic} has no state for it"
        return f"{told}; expected both or neither. {_suggest_rebuild(job, offsets)}"
    told = (
        f"the state on {job.state_topic} is at offset {saved} of {offsets.partition}, but {group}; "
        "expected the same offset"
    )
    if saved > offsets.end:
        return f"{told}, and the partition ends at offset {offsets.end}. {_suggest_rebuild(job, offsets)}"
    if saved < offsets.first:
        lost = describe_missing_before(offsets.first, saved)
        return f"{told}. In addition, {lost}. {_suggest_flags(job.command, FROM_STATE, PARTIAL)}"
    return f"{told}. To continue from the state, run: {job.command.format_with_flags(FROM_STATE)}"


def _describe_overrun(job: Job, offsets: Offsets, place: int) -> str:
    return (
        f"group {job.group} and its state are at offset {place} of {offsets.partition}, which ends at "
        f"offset {offsets.end}: the topic was replaced or lost its newest records. "
        f"{_suggest_rebuild(job, offsets)}"
    )


def _describe_deleted(job: Job, offsets: Offsets, place: int | None) -> str:
    lost = describe_missing_before(offsets.first, place or 0)
    where = (
        f"group {job.group} starts {offsets.partition} from the beginning, without a saved state"
        if place is None
        else f"group {job.group} would continue at offset {place} of {offsets.partition}"
    )
    flags = (FROM_STATE, PARTIAL) if job.from_state else (PARTIAL,)
    return f"{where}, but {lost}. {_suggest_flags(job.command, *flags)}"


def _suggest_rebuild(job: Job, offsets: Offsets) -> str:
    if offsets.first > 0:
        return f"In addition, {describe_missing(offsets)}. {_suggest_flags(job.command, REBUILD, PARTIAL)}"
    return f"To rebuild the state from {offsets.partition}, run: {job.command.format_with_flags(REBUILD)}"


def _suggest_flags(command: CommandLine, *flags: str) -> str:
    return (
        "Results differ without these records. To continue anyway, with every result flagged "
        f"partial_history, run: {command.format_with_flags(*flags)}"
    )
