"""Where a service takes a partition up, or why it stops there, and the one command that lets it go on.

A group goes on at its committed offset. A service that keeps a state also saves the offset that the state has
come to, in the transaction that commits the same offset: the two agree unless somebody moved one of them.
What is missing is never passed over in silence: the operator says so with a flag, and results are labelled.

    --partial     go on although records are missing; the results of a fold are flagged from then on
    --from-state  go on where the saved state ends, wherever the offset of the group stands
    --rebuild     recreate the state from the records that the group has answered
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
    """What is known of a partition: `first` is the oldest record, `end` comes after the newest.

    `committed` is the offset that the group reads next, None where it never committed.
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
            at_end = job.begins_at_end()
            return StartPoint(offsets.end if at_end else offsets.first, moved=at_end)
        case Offsets(committed=int(place)) if offsets.first <= place <= offsets.end:
            return StartPoint(place)
    if job.partial or job.tolerant:
        return StartPoint(offsets.first, partial=True, moved=True)
    raise SettingsError(_describe_stop(job, offsets))


def start_from_state(job: Job, offsets: Offsets, saved: int | None) -> StartPoint:
    """Where a service begins whose saved state has come to offset `saved`, None where there is none.

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
    """Where a service goes on once its state was recreated from the records before.

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
    return f"{which} deleted, {records} missing, and the oldest one left is at offset {first}"


def explain_unusable_state(job: Job, offsets: Offsets, why: SettingsError) -> SettingsError:
    """The stop of a service whose saved state cannot be used; one that is newer is not to be replaced."""
    remedy = "" if isinstance(why, NewerState) else f". {_suggest_rebuild(job, offsets)}"
    return SettingsError(
        f"the saved state of {job.group} for {offsets.partition}, on {job.state_topic}, cannot be used: "
        f"{why}{remedy}"
    )


def _describe_stop(job: Job, offsets: Offsets) -> str:
    place = offsets.committed or 0
    where = f"group {job.group} goes on at offset {place} of {offsets.partition}"
    command = job.command.format_with_flags(PARTIAL)
    if place < offsets.first:
        return (
            f"{where}: {describe_missing_before(offsets.first, place)}. They were expected to be read "
            "first. To go on "
            f"without them, from offset {offsets.first}, run: {command}"
        )
    return (
        f"{where}, which ends at offset {offsets.end}: the topic was replaced, or lost its newest records. "
        f"To read it from its oldest record, at offset {offsets.first}, run: {command}"
    )


def _describe_disagreement(job: Job, offsets: Offsets, saved: int | None) -> str:
    committed = offsets.committed
    group = (
        f"group {job.group} has committed no offset"
        if committed is None
        else f"group {job.group} goes on at offset {committed}"
    )
    if saved is None:
        told = f"{group} of {offsets.partition}, and {job.state_topic} holds no state for it"
        return f"{told}; the two are written together. {_suggest_rebuild(job, offsets)}"
    told = (
        f"the state on {job.state_topic} has come to offset {saved} of {offsets.partition}, and {group}; "
        "the two are written together"
    )
    if saved > offsets.end:
        return f"{told}, and the partition ends at offset {offsets.end}. {_suggest_rebuild(job, offsets)}"
    if saved < offsets.first:
        lost = describe_missing_before(offsets.first, saved)
        return f"{told}; besides, {lost}. {_suggest_flags(job.command, FROM_STATE, PARTIAL)}"
    return f"{told}. To go on where the state ends, run: {job.command.format_with_flags(FROM_STATE)}"


def _describe_overrun(job: Job, offsets: Offsets, place: int) -> str:
    return (
        f"group {job.group} and its state have come to offset {place} of {offsets.partition}, which ends at "
        f"offset {offsets.end}: the topic was replaced, or lost its newest records. "
        f"{_suggest_rebuild(job, offsets)}"
    )


def _describe_deleted(job: Job, offsets: Offsets, place: int | None) -> str:
    lost = describe_missing_before(offsets.first, place or 0)
    where = (
        f"group {job.group} begins {offsets.partition} anew, without a saved state"
        if place is None
        else f"group {job.group} goes on at offset {place} of {offsets.partition}"
    )
    flags = (FROM_STATE, PARTIAL) if job.from_state else (PARTIAL,)
    return f"{where}: {lost}. {_suggest_flags(job.command, *flags)}"


def _suggest_rebuild(job: Job, offsets: Offsets) -> str:
    if offsets.first > 0:
        return f"Besides, {describe_missing(offsets)}. {_suggest_flags(job.command, REBUILD, PARTIAL)}"
    return f"To recreate the state from {offsets.partition}, run: {job.command.format_with_flags(REBUILD)}"


def _suggest_flags(command: CommandLine, *flags: str) -> str:
    return (
        "Without them results differ. To go on all the same, with every result flagged partial_history, run: "
        f"{command.format_with_flags(*flags)}"
    )
