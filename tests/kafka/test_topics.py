"""Topics on a real broker: made, found again, and every difference told at once."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from tests.kafka.patience import await_true, quick
from tests.kafka.tools import make_topic

from brentwatch.core.errors import SettingsError, Unavailable
from brentwatch.stream import load_topics, verify_topics
from brentwatch.stream import topics as named
from brentwatch.stream.clients.admin import Admin
from brentwatch.stream.topics import Configure, Create, Grow, TopicPlan, apply, plan, verify_configuration

if TYPE_CHECKING:
    from collections.abc import Iterator

    from brentwatch.stream import KafkaSettings
    from brentwatch.stream.topics import Topic

pytestmark = pytest.mark.kafka


@pytest.fixture
def admin(settings: KafkaSettings) -> Iterator[Admin]:
    with closing(Admin(settings)) as opened:
        yield opened


def await_no_step(wanted: list[Topic], admin: Admin) -> None:
    """A broker answers a change before every reader of its metadata sees it."""
    await_true(lambda: plan(wanted, admin) == TopicPlan(), "the broker shows what was changed")


def test_what_is_made_needs_no_further_step(settings: KafkaSettings, admin: Admin) -> None:
    wanted = list(load_topics(settings, [0, 1]).values())
    first = plan(wanted, admin)
    apply(first.steps, admin)
    assert [type(step) for step in first.steps] == [Create] * len(wanted)
    await_no_step(wanted, admin)
    verify_topics(wanted, admin)


def test_missing_topics_and_wrong_counts_are_told_all_at_once(settings: KafkaSettings, admin: Admin) -> None:
    make_topic(settings, named.EVENTS, 3)
    make_topic(settings, named.TIMELINE, 1)
    with pytest.raises(SettingsError) as caught:
        verify_topics(list(load_topics(settings, [0, 1]).values()), admin)
    prefix, create = settings.topic_prefix, "Run: brentwatch topics create"
    assert caught.value.faults == (
        f"topic {prefix}unrest.events.dead does not exist; expected it with 1 partition. {create}",
        f"topic {prefix}unrest.events.dead.notes does not exist; expected it with 1 partition. {create}",
        f"topic {prefix}impact.timeline has 1 partition; expected 2 for the instruments. {create}",
        f"topic {prefix}impact.timeline.voided does not exist; expected it with 1 partition. {create}",
        f"topic {prefix}impact.state does not exist; expected it with 2 partitions. {create}",
        f"topic {prefix}impact.studies does not exist; expected it with 1 partition. {create}",
        f"topic {prefix}impact.alerts does not exist; expected it with 1 partition. {create}",
        f"topic {prefix}impact.canary does not exist; expected it with 1 partition. {create}",
        f"topic {prefix}impact.deliveries does not exist; expected it with 1 partition. {create}",
        f"topic {prefix}impact.deliveries.state does not exist; expected it with 1 partition. {create}",
        f"topic {prefix}unrest.events has 3 partitions; expected 12, because the key of a record decides its "
        "partition. To keep the topic and start a new installation, set another kafka.topic_prefix. To "
        "delete the topic with all its records and create it again, run: brentwatch topics create --replace "
        f"{prefix}unrest.events",
    )


def test_a_wrong_count_where_the_key_decides_is_never_mended_by_itself(
    settings: KafkaSettings, admin: Admin
) -> None:
    make_topic(settings, named.EVENTS, 3)
    found = plan([load_topics(settings, [0])[named.EVENTS]], admin)
    assert [type(step) for step in found.steps] == [Configure]
    assert len(found.faults) == 1


def test_the_timeline_grows_and_never_shrinks(settings: KafkaSettings, admin: Admin) -> None:
    narrow = [load_topics(settings, [0])[named.TIMELINE]]
    apply(plan(narrow, admin).steps, admin)
    await_no_step(narrow, admin)
    wider = [load_topics(settings, [0, 2])[named.TIMELINE]]
    step = plan(wider, admin).steps
    assert step == (Grow(wider[0], 1),)
    apply(step, admin)
    await_no_step(wider, admin)
    assert plan([load_topics(settings, [0])[named.TIMELINE]], admin) == TopicPlan()


def test_a_configuration_that_loses_nothing_is_set_right_but_does_not_stop_a_service(
    settings: KafkaSettings, admin: Admin
) -> None:
    make_topic(settings, named.EVENTS, 12, retention_ms="86400000", compression_type="zstd")
    wanted = [load_topics(settings, [0])[named.EVENTS]]
    assert verify_configuration(wanted, admin).whole
    (step,) = plan(wanted, admin).steps
    assert isinstance(step, Configure)
    assert step.changes["retention.ms"] == ("86400000", "2592000000")
    apply([step], admin)
    await_no_step(wanted, admin)


def test_installations_with_different_prefixes_do_not_see_each_other(
    settings: KafkaSettings, admin: Admin
) -> None:
    apply(plan(list(load_topics(settings, [0]).values()), admin).steps, admin)
    other = quick(settings.bootstrap, f"other.{settings.topic_prefix}")
    assert len(plan(list(load_topics(other, [0]).values()), admin).steps) == len(load_topics(other, [0]))


def test_an_unreachable_broker_is_said_in_a_sentence() -> None:
    with pytest.raises(Unavailable, match=r"Kafka at 127.0.0.1:1 failed while connecting: .*refused"):
        Admin(quick("127.0.0.1:1", ""))
