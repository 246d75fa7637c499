"""A story: events that belong together, and the evidence that the price moves abnormally in its sessions.

A story is the events of one country and one group of classes, each at most `QUIET_SESSIONS` trading sessions
after the one before; a `story_id` that a person gave decides instead of country and group. The groups are
wide, because a story changes its class as it grows: the unrest in Kazakhstan of January 2022 went from
protest to riot, emergency and supply disruption within nine days. Only what should push the price the other
way is a group of its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from brentwatch.core.domain.events import CLASS_GROUPS, ClassGroup, EventClass


class StoryGroup(StrEnum):
    """The groups of a story: what disturbs, what eases, and everything else."""

    ESCALATION = "escalation"
    EASING = "easing"
    OTHER = "other"


STORY_GROUPS: Mapping[ClassGroup, StoryGroup] = {
    ClassGroup.UNREST: StoryGroup.ESCALATION,
    ClassGroup.ARMED_CONFLICT: StoryGroup.ESCALATION,
    ClassGroup.OIL_SUPPLY: StoryGroup.ESCALATION,
    ClassGroup.CHANGE_OF_POWER: StoryGroup.ESCALATION,
    ClassGroup.EASING: StoryGroup.EASING,
    ClassGroup.OTHER: StoryGroup.OTHER,
}
"""The group of a story for each group of classes."""


def find_story_group(event_class: EventClass) -> StoryGroup:
    """The group of the stories to which events of this class belong."""
    return STORY_GROUPS[CLASS_GROUPS[event_class]]


QUIET_SESSIONS = 10
"""A story ends when this many sessions in a row had no event of it."""

STRONG_EVIDENCE = 100.0
"""By chance alone, at most 1 of 100 stories that are followed ever reaches this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryEvidence:
    """A story that is followed, after one of its sessions was decided.

    `story_id` is the one that a person gave, or is derived. `country` and `group` are those of its first
    event, whose session is `since`. It has had `events` events that were known in time. `sessions` of its
    sessions were tested, the `first` and the `last` of them named, both None if none was.

    `evidence` is the e-value: how many times likelier the returns of these sessions are with moves of half a
    standard deviation to two in one direction than without. It begins at 1. `highest` is the highest so far,
    and `reached` the session in which it first was `STRONG_EVIDENCE` or more, None if it never was.
    """

    story_id: str
    country: str
    group: StoryGroup
    since: date
    events: int = 0
    sessions: int = 0
    first: date | None = None
    last: date | None = None
    evidence: float = 1.0
    highest: float = 1.0
    reached: date | None = None
