"""Permissions on the broker: the ACLs of `schemas/topics.toml`, and a check that they exist."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from brentwatch.core.errors import SettingsError
from brentwatch.stream.settings import PLAIN, CommandLine, KafkaSettings
from brentwatch.wire.json_schemas import find_folder

if TYPE_CHECKING:
    from brentwatch.stream.clients.admin import Admin

TOPIC = "Topic"
GROUP = "Group"
TRANSACTIONAL_ID = "TransactionalId"


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What one service may do with one resource, or with all whose names begin so where it is `prefixed`.

    `resource` and `operations` are Kafka's words; `name` includes the prefixes of the installation.
    """

    resource: str
    name: str
    operations: tuple[str, ...]
    prefixed: bool = False


def load_grants(settings: KafkaSettings) -> dict[str, tuple[Grant, ...]]:
    """What each service and command may do, by its name."""
    document = tomllib.loads((find_folder() / "topics.toml").read_text(encoding="utf-8"))
    return {
        service: tuple(
            _build_grant(settings, resource, name, operations)
            for resource, rows in resources.items()
            for name, operations in rows.items()
        )
        for service, resources in document["acls"].items()
    }


def _build_grant(settings: KafkaSettings, resource: str, name: str, operations: Iterable[str]) -> Grant:
    return Grant(
        resource=resource,
        name=settings.topic(name) if resource == TOPIC else settings.group(name),
        operations=tuple(operations),
        prefixed=resource == TRANSACTIONAL_ID,
    )


def authorize(service: str, settings: KafkaSettings, admin: Admin, command: CommandLine = PLAIN) -> None:
    """Make sure that the broker allows what `service` does, as far as it reports that.

    It does not report transactional ids; those are checked when the first transaction begins.

    Raises:
        SettingsError: with one sentence for every operation that is forbidden.
        Unavailable: if the broker does not answer.
    """
    wanted = load_grants(settings)[service]
    allowed = admin.list_operations(grant.name for grant in wanted if grant.resource == TOPIC)
    faults = [
        _describe_missing(service, grant, operation, command)
        for grant in wanted
        for operation in _list_forbidden(grant, _find_allowed(grant, allowed, admin))
    ]
    if faults:
        raise SettingsError(*faults)


def _find_allowed(grant: Grant, topics: dict[str, frozenset[str]], admin: Admin) -> frozenset[str] | None:
    match grant.resource:
        case "Topic":
            return topics.get(grant.name)
        case "Group":
            return admin.list_group_operations(grant.name)
    return None


def _list_forbidden(grant: Grant, allowed: frozenset[str] | None) -> Iterator[str]:
    for operation in grant.operations:
        if allowed is not None and format_operation(operation) not in allowed:
            yield operation


def format_operation(operation: str) -> str:
    """An operation as the broker reports it: DESCRIBE_CONFIGS for DescribeConfigs."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", operation).upper()


def _describe_missing(service: str, grant: Grant, operation: str, command: CommandLine) -> str:
    return (
        f"{grant.resource.lower()} {grant.name}: {operation} is not allowed; {service} needs it: check the "
        "credentials in kafka.security, or ask an administrator to run what this command prints for "
        f"{service}: {command.format_other('topics', 'create', '--print')}"
    )
