"""`brentwatch topics`: makes the topics on the broker, or prints what they must be."""

from __future__ import annotations

import shlex
from contextlib import closing
from typing import TYPE_CHECKING

import click

from brentwatch.commands.options import Group
from brentwatch.core.errors import SettingsError

if TYPE_CHECKING:
    from brentwatch.settings.sources import Sources
    from brentwatch.stream.settings import KafkaSettings
    from brentwatch.stream.topics import Step, Topic


@click.group("topics", cls=Group)
def command() -> None:
    """Set up the topics of schemas/topics.toml."""


@command.command("create")
@click.option(
    "--print",
    "only_print",
    is_flag=True,
    help="Ask no broker; print the commands that make the topics.",
)
@click.pass_obj
def create(sources: Sources, only_print: bool) -> None:
    """Make the topics that are missing, and set right what can be set right.

    What exists as it should be stays untouched. A number of partitions that cannot be changed is an error,
    and then nothing is done.
    """
    from brentwatch.settings.load import load
    from brentwatch.stream.topics import topics

    settings = load(sources).settings
    partitions = [instrument.partition for instrument in settings.tested()]
    wanted = list(topics(settings.kafka, partitions).values())
    lines = _by_hand(wanted, settings.kafka) if only_print else _applied(wanted, settings.kafka)
    for line in lines:
        click.echo(line)


def _by_hand(wanted: list[Topic], kafka: KafkaSettings) -> list[str]:
    """The commands of Kafka's own tool that do the same."""
    start = ["kafka-topics.sh", "--bootstrap-server", kafka.bootstrap, "--create", "--if-not-exists"]
    return [shlex.join([*start, *_options(topic)]) for topic in wanted]


def _options(topic: Topic) -> list[str]:
    config = [word for name, value in topic.config.items() for word in ("--config", f"{name}={value}")]
    return ["--topic", topic.name, "--partitions", str(topic.partitions), *config]


def _applied(wanted: list[Topic], kafka: KafkaSettings) -> list[str]:
    from brentwatch.stream.clients.admin import Admin
    from brentwatch.stream.topics import apply, plan

    with closing(Admin(kafka)) as admin:
        found = plan(wanted, admin)
        if found.faults:
            raise SettingsError(*found.faults)
        apply(found.steps, admin)
    nothing = f"all {len(wanted)} topics are as they should be"
    return [_done(step) for step in found.steps] or [nothing]


def _done(step: Step) -> str:
    from brentwatch.stream.topics import Configure, Create, Grow, counted

    match step:
        case Create(topic):
            return f"made {topic.name} with {counted(topic.partitions)}"
        case Grow(topic, actual):
            return f"gave {topic.name} {counted(topic.partitions)} instead of {actual}"
        case Configure(topic, changes):
            told = ", ".join(f"{name} {value} instead of {was}" for name, (was, value) in changes.items())
            return f"gave {topic.name} {told}"
