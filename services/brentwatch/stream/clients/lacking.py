"""Tells a topic that does not exist from a broker that does not answer: kafka-python waits for both alike."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from brentwatch.core.errors import BrentwatchError, Unavailable
from brentwatch.stream.clients.admin import Admin
from brentwatch.stream.clients.failures import is_topic_in_doubt

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from brentwatch.stream.settings import KafkaSettings


class TopicsLacking(Unavailable):
    """Topics do not exist: known, and not to be asked for again."""


def diagnose(settings: KafkaSettings, topics: Collection[str], error: Unavailable) -> Unavailable:
    """The error, or where one of the `topics` does not exist what says so."""
    if isinstance(error, TopicsLacking) or not is_topic_in_doubt(error.__cause__):
        return error
    missing = _find_missing(settings, topics)
    return TopicsLacking(describe_missing(settings, missing)) if missing else error


def describe_missing(settings: KafkaSettings, missing: Sequence[str]) -> str:
    """The sentence on topics that do not exist."""
    were = "was" if len(missing) == 1 else "were"
    are = f"topic {missing[0]} does" if len(missing) == 1 else f"topics {', '.join(missing)} do"
    return (
        f"{are} not exist on Kafka at {settings.bootstrap}, or {were} deleted. To create what is missing, "
        f"run: {settings.format_create_topics()}"
    )


def _find_missing(settings: KafkaSettings, topics: Collection[str]) -> list[str]:
    try:
        with closing(Admin(settings)) as admin:
            return sorted(set(topics) - admin.count_partitions(topics).keys())
    except BrentwatchError:  # it does not answer, or does not say: then the first error stands
        return []
