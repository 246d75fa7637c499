"""`brentwatch topics`: makes topics on the broker, or prints what they and their ACLs must be."""

from __future__ import annotations

import shlex
from contextlib import closing
from typing import TYPE_CHECKING

import click

from brentwatch.commands.backup import restore, save
from brentwatch.commands.options import Group
from brentwatch.core.errors import SettingsError
from brentwatch.settings.origins import Sources

if TYPE_CHECKING:
    from brentwatch.stream import CommandLine, KafkaSettings
    from brentwatch.stream.grants import Grant
    from brentwatch.stream.topics import Step, Topic

_RESOURCES = {"Topic": "--topic", "Group": "--group", "TransactionalId": "--transactional-id"}


def _read_principals(_: click.Context, __: click.Parameter, given: tuple[str, ...]) -> dict[str, str]:
    from brentwatch.stream import KafkaSettings
    from brentwatch.stream.grants import load_grants

    principals = dict(each.partition("=")[::2] for each in given)
    services = load_grants(KafkaSettings())
    for service, principal in principals.items():
        if service not in services or not all(principal.partition(":")):
            raise click.BadParameter(
                f"{service}={principal} was given; expected SERVICE=TYPE:NAME, such as "
                f"screen=User:unrest, with one of the services {', '.join(services)}"
            )
    return principals


@click.group("topics", cls=Group)
def command() -> None:
    """Create, save and restore the Kafka topics (schemas/topics.toml)."""


command.add_command(save)
command.add_command(restore)


@command.command("create")
@click.option(
    "--print",
    "only_print",
    is_flag=True,
    help="Print the commands that create the topics and ACLs; do not contact the broker.",
)
@click.option(
    "--principal",
    "principals",
    multiple=True,
    metavar="SERVICE=PRINCIPAL",
    callback=_read_principals,
    help="With --print: Kafka principal of a service, such as screen=User:unrest; repeatable.  "
    "[User:brentwatch-SERVICE]",
)
@click.option(
    "--command-config",
    metavar="FILE",
    help="With --print: file with the administrator's credentials for Kafka's tools.",
)
@click.option(
    "--replace",
    "replaced",
    multiple=True,
    metavar="TOPIC",
    help="Delete this topic with all its records and create it again, if its number of partitions is wrong; "
    "full name, repeatable.",
)
@click.pass_obj
def create(
    sources: Sources,
    only_print: bool,
    principals: dict[str, str],
    command_config: str | None,
    replaced: tuple[str, ...],
) -> None:
    """Create missing topics and correct the configuration of existing ones.

    Topics that are correct stay untouched. If a number of partitions is wrong and cannot be changed, the
    command changes nothing and exits with an error, unless --replace names the topic. ACLs are printed,
    never created. Notes on dead letters from an older version are copied to their own topic, once.
    """
    from brentwatch.settings.load import load
    from brentwatch.stream import CommandLine, load_topics

    settings = load(sources).settings
    partitions = [instrument.partition for instrument in settings.list_instruments()]
    wanted = list(load_topics(settings.kafka, partitions).values())
    if only_print:
        reached = ["--bootstrap-server", settings.kafka.bootstrap]
        reached += [] if command_config is None else ["--command-config", command_config]
        lines = [
            *_list_topic_commands(wanted, reached),
            *_list_acl_commands(settings.kafka, principals, reached),
        ]
    else:
        command = CommandLine(("topics", "create"), sources.redact_arguments())
        _replace(wanted, replaced, settings.kafka)
        lines = _apply_topics(wanted, settings.kafka, command)
    for line in lines:
        click.echo(line)


def _list_topic_commands(wanted: list[Topic], reached: list[str]) -> list[str]:
    """The commands of Kafka's own tool that do the same."""
    start = ["kafka-topics.sh", *reached, "--create", "--if-not-exists"]
    return [shlex.join([*start, *_format_topic(topic)]) for topic in wanted]


def _list_acl_commands(kafka: KafkaSettings, principals: dict[str, str], reached: list[str]) -> list[str]:
    """The commands of Kafka's own tool that let each service do what it does."""
    from brentwatch.stream.grants import load_grants

    start = ["kafka-acls.sh", *reached, "--add", "--allow-principal"]
    return [
        shlex.join([*start, principals.get(service, f"User:brentwatch-{service}"), *_format_grant(grant)])
        for service, granted in load_grants(kafka).items()
        for grant in granted
    ]


def _format_grant(grant: Grant) -> list[str]:
    operations = [word for operation in grant.operations for word in ("--operation", operation)]
    pattern = ["--resource-pattern-type", "prefixed"] if grant.prefixed else []
    return [*operations, _RESOURCES[grant.resource], grant.name, *pattern]


def _format_topic(topic: Topic) -> list[str]:
    config = [word for name, value in topic.config.items() for word in ("--config", f"{name}={value}")]
    return ["--topic", topic.name, "--partitions", str(topic.partitions), *config]


def _replace(wanted: list[Topic], names: tuple[str, ...], kafka: KafkaSettings) -> None:
    """Delete the topics of these names whose number of partitions cannot be mended otherwise."""
    from brentwatch.stream.clients.admin import Admin
    from brentwatch.stream.topics import plan

    known = {topic.name: topic for topic in wanted}
    if unknown := sorted(set(names) - known.keys()):
        raise click.BadParameter(
            f"--replace {unknown[0]}: expected one of {', '.join(known)}; correct the name or the prefix"
        )
    with closing(Admin(kafka)) as admin:
        for name in names:
            if plan([known[name]], admin).faults:
                admin.delete(name)
                click.echo(f"deleted {name} with all its records")


def _apply_topics(wanted: list[Topic], kafka: KafkaSettings, command: CommandLine) -> list[str]:
    from brentwatch.stream import DEAD_NOTES
    from brentwatch.stream.clients.admin import Admin
    from brentwatch.stream.dead_letters.reading import copy_notes
    from brentwatch.stream.topics import apply, plan

    with closing(Admin(kafka)) as admin:
        found = plan(wanted, admin, command)
        if found.faults:
            raise SettingsError(*found.faults)
        apply(found.steps, admin)
    copied = copy_notes(kafka)
    nothing = f"all {len(wanted)} topics are correct"
    done = [_describe_step(step) for step in found.steps]
    if copied:
        done.append(f"copied {copied} notes on dead letters to {kafka.topic(DEAD_NOTES)}")
    return done or [nothing]


def _describe_step(step: Step) -> str:
    from brentwatch.stream.topics import Configure, Create, Grow, format_count

    match step:
        case Create(topic):
            return f"created {topic.name} with {format_count(topic.partitions)}"
        case Grow(topic, actual):
            return f"changed {topic.name} from {actual} to {format_count(topic.partitions)}"
        case Configure(topic, changes):
            told = ", ".join(f"{name} from {was} to {value}" for name, (was, value) in changes.items())
            return f"changed {topic.name}: {told}"
