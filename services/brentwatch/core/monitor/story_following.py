"""Which stories are followed, and the evidence that each of them collects.

Rules. (1) An event counts if it waits for a session when the price of that session arrives, is no single
report, and is within the cap of its feed. It therefore precedes, on the timeline, the update that decides the
session. Late events, retractions, provisional prices and revised prices change nothing. (2) An event with a
`story_id` joins the story with that id; any other joins the oldest story of its country and group. (3) If
there is none, it begins a story, the most relevant event first. At most `MOST_FOLLOWED` are followed at a
time. If all places are taken, the new story replaces the least relevant one if its event is `OUTWEIGHS` times
as relevant as any event of that story; otherwise it is not followed. Nothing about prices decides which
stories are followed. (4) A tested session gives each of its stories one factor, however many events they had.
A session that was refused, or has no price, gives none. (5) A story ends after `QUIET_SESSIONS` sessions
without an event; a later event begins another one, with an evidence of 1. (6) A story opens no alert.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

from brentwatch.core.domain import QUIET_SESSIONS, STRONG_EVIDENCE, Standing, StoryEvidence, find_story_group
from brentwatch.core.domain.returns import log_return
from brentwatch.core.forecasts.forecast import Path
from brentwatch.core.forecasts.story_factors import NO_RATIOS, compute_evidence, weigh_return
from brentwatch.core.forecasts.table import HEADLINE_MODEL
from brentwatch.core.monitor.state import FollowedStory, Joined, Known, SessionRecord, State

MOST_FOLLOWED = 3
OUTWEIGHS = 1.25

Entering = tuple[Known, Joined]


def follow_stories(state: State, session: date) -> State:
    """The state after the newest session, which has just been decided, has counted for its stories."""
    record, place = state.decided[session], state.find_index(session)
    followed = _drop_quiet(state, state.stories, place - QUIET_SESSIONS)
    followed = _add_events(followed, _list_entering(state, record), session, state.rules.instrument.name)
    if not followed and not state.stories:
        return state
    ratios = _weigh_session(state, record)
    followed = [_add_factor(each, session, ratios) if each.newest == session else each for each in followed]
    told = tuple(each.evidence for each in sorted(followed, key=_rank) if each.newest == session)
    kept = tuple(_drop_quiet(state, followed, place - QUIET_SESSIONS + 1))
    return replace(state, stories=kept).set_decided(replace(record, stories=told))


def _rank(story: FollowedStory) -> tuple[float, str]:
    return -story.relevance, story.evidence.story_id


def _drop_quiet(state: State, stories: Iterable[FollowedStory], oldest: int) -> list[FollowedStory]:
    """The stories whose newest event is of the session at index `oldest` or a later one."""
    return [each for each in stories if state.find_index(each.newest) >= oldest]


def _list_entering(state: State, record: SessionRecord) -> list[Entering]:
    """The events that count, the most relevant first."""
    counted = (
        (known, joined)
        for known, joined in state.select_live(record)
        if known.standing is not Standing.SINGLE and not known.over_cap
    )
    return sorted(counted, key=lambda each: (-each[0].relevance, each[0].event.event_id))


def _add_events(
    stories: list[FollowedStory], entering: Sequence[Entering], session: date, instrument: str
) -> list[FollowedStory]:
    """The stories with the events of a session: first those that are followed, then new ones."""
    left: list[Entering] = []
    for known, joined in entering:
        place = _find_story(stories, known)
        if place is None:
            left.append((known, joined))
        else:
            stories[place] = _add_event(stories[place], known, joined, session)
    for known, joined in left:
        place = _find_story(stories, known)
        if place is not None:
            stories[place] = _add_event(stories[place], known, joined, session)
        elif _make_room(stories, known.relevance):
            stories.append(_add_event(_begin_story(known, session, instrument), known, joined, session))
    return stories


def _find_story(stories: Sequence[FollowedStory], known: Known) -> int | None:
    """The place of the story that an event belongs to; None if it is not followed."""
    event = known.event
    kind = (event.country, find_story_group(event.event_class))
    for place, each in enumerate(stories):
        told = each.evidence
        if event.story_id == told.story_id or (event.story_id is None and kind == (told.country, told.group)):
            return place
    return None


def _make_room(stories: list[FollowedStory], relevance: float) -> bool:
    """True if there is a place for a story of this relevance; the story that it replaces is removed."""
    if len(stories) < MOST_FOLLOWED:
        return True
    least = max(stories, key=_rank)
    if relevance < OUTWEIGHS * least.relevance or relevance <= least.relevance:
        return False
    stories.remove(least)
    return True


def _begin_story(known: Known, session: date, instrument: str) -> FollowedStory:
    event = known.event
    group = find_story_group(event.event_class)
    story_id = event.story_id or f"{instrument}:{event.country}:{group}:{session}"
    told = StoryEvidence(story_id=story_id, country=event.country, group=group, since=session)
    return FollowedStory(evidence=told, newest=session, relevance=known.relevance)


def _add_event(story: FollowedStory, known: Known, joined: Joined, session: date) -> FollowedStory:
    """The story with one more event; an event that counts for two sessions is counted in the first."""
    told = story.evidence
    is_new = not joined.carried or told.since == session
    return replace(
        story,
        evidence=replace(told, events=told.events + is_new),
        newest=session,
        relevance=max(story.relevance, known.relevance),
    )


def _weigh_session(state: State, record: SessionRecord) -> tuple[float, ...] | None:
    """The log ratios of the newest session by the headline model; None if it is not tested."""
    path, bars = record.paths[HEADLINE_MODEL], state.prices.bars[-2:]
    value = log_return(bars[0].close, bars[1].close) if len(bars) > 1 else None
    if value is None or not isinstance(path, Path):
        return None
    return weigh_return(path.steps[0], value - path.steps[0].expected)


def _add_factor(story: FollowedStory, session: date, ratios: tuple[float, ...] | None) -> FollowedStory:
    if ratios is None:
        return story
    sums = tuple(before + each for before, each in zip(story.log_ratios or NO_RATIOS, ratios, strict=True))
    told, evidence = story.evidence, compute_evidence(sums)
    return replace(
        story,
        log_ratios=sums,
        evidence=replace(
            told,
            sessions=told.sessions + 1,
            first=told.first or session,
            last=session,
            evidence=evidence,
            highest=max(told.highest, evidence),
            reached=told.reached or (session if evidence >= STRONG_EVIDENCE else None),
        ),
    )
