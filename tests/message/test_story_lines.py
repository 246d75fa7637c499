"""The evidence of a story in words: what each line says, and when the card has one."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from tests.notify.alerts import ALERT, NEW_STORY, STORY

from brentwatch.core.domain import Confounder, ConfounderKind
from brentwatch.message.card import LINE_CHARACTERS, write_card_lines
from brentwatch.message.event_lines import describe_first_story, format_odds, write_story_lines

TOLD = (
    "Story: 6 events in Saudi Arabia since 5 Sep, 5 sessions tested together: "
    "evidence 132 to 1 for abnormal moves."
)


@pytest.mark.parametrize(
    ("evidence", "odds"),
    [
        (0.0, "under 0.01 to 1"),
        (0.42, "0.42 to 1"),
        (1.0, "1.0 to 1"),
        (9.94, "9.9 to 1"),
        (131.7, "132 to 1"),
        (12_345.6, "12,346 to 1"),
        (1e300, "more than 1,000,000 to 1"),
    ],
)
def test_odds_have_no_more_digits_than_are_read(evidence: float, odds: str) -> None:
    assert format_odds(evidence) == odds


def test_the_card_tells_the_first_story_of_more_than_one_session() -> None:
    alert = replace(ALERT, stories=(replace(NEW_STORY, sessions=1), STORY))
    (line,) = [each for each in write_card_lines(alert) if "Story" in each]

    assert describe_first_story(alert) == TOLD
    assert TOLD in line
    assert line.endswith("Other news listed: none.")


def test_the_card_prefers_the_story_of_the_event_that_it_names() -> None:
    other = replace(STORY, country="IRN")

    assert describe_first_story(replace(ALERT, stories=(other, STORY))) == TOLD
    assert "in Iran" in describe_first_story(replace(ALERT, stories=(other,)))


@pytest.mark.parametrize("stories", [(), (replace(NEW_STORY, sessions=1),)])
def test_a_story_of_one_session_says_on_the_card_what_the_alert_says(stories: tuple[()]) -> None:
    alert = replace(ALERT, stories=stories)

    assert write_card_lines(alert) == write_card_lines(ALERT)


def test_where_room_is_short_other_news_is_counted_and_the_story_is_told() -> None:
    news = Confounder(
        session=ALERT.session,
        kind=ConfounderKind.OPEC_PLUS,
        text="a meeting of ministers in Vienna",
        source="",
    )
    alert = replace(ALERT, stories=(STORY,), confounders=(news, news, news))
    (line,) = [each for each in write_card_lines(alert) if "Story" in each]

    assert line.endswith(f"{TOLD} Other news: 3 items.")
    assert len(line) <= LINE_CHARACTERS


def test_where_room_is_short_the_absence_of_other_news_is_told_in_fewer_words() -> None:
    midnight = datetime(2019, 9, 14, tzinfo=UTC)
    events = tuple(replace(each, by_day=True, known_at=midnight) for each in ALERT.events)
    alert = replace(ALERT, events=events, stories=(replace(STORY, evidence=0.42, country="EGY"),))
    (line,) = [each for each in write_card_lines(alert) if "Story" in each]

    assert line.endswith("(odds 0.42). Other news: none.")


def test_without_evidence_the_line_says_so() -> None:
    alert = replace(ALERT, stories=(replace(STORY, evidence=0.42),))

    assert describe_first_story(alert).endswith("tested together: no evidence of abnormal moves (odds 0.42).")


def test_the_detail_has_a_line_for_each_story_and_says_what_the_figure_means() -> None:
    untested = replace(NEW_STORY, sessions=0, first=None, last=None)

    assert list(write_story_lines(replace(ALERT, stories=(STORY, untested)))) == [
        "Story (Saudi Arabia, escalation, since 5 Sep 2019): 6 events, 5 sessions tested together "
        "(5 Sep 2019 to 16 Sep 2019): evidence 132 to 1 for abnormal moves, highest 132 to 1",
        "Story (Iran, easing, since 16 Sep 2019): 6 events, no session tested yet",
        "If nothing moves the price, at most 1 story in 100 ever reaches 100 to 1; stories open no alerts",
    ]
    assert list(write_story_lines(ALERT)) == []
