"""ACLs on the broker of a test: made from what `topics create --print` prints, and taken away again."""

from __future__ import annotations

import argparse
import io
import shlex
from contextlib import closing, contextmanager, redirect_stdout
from typing import TYPE_CHECKING

from kafka import KafkaAdminClient
from kafka.admin import (
    ACL,
    ACLOperation,
    ACLPermissionType,
    ACLResourcePatternType,
    ResourcePattern,
    ResourceType,
    ScramMechanism,
    UserScramCredentialUpsertion,
)
from tests.kafka.programs import options

from brentwatch import cli
from brentwatch.stream.grants import format_operation

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from brentwatch.stream import KafkaSettings

_RESOURCES = {
    "topic": ResourceType.TOPIC,
    "group": ResourceType.GROUP,
    "transactional_id": ResourceType.TRANSACTIONAL_ID,
}


def _kafka_acls() -> argparse.ArgumentParser:
    """The options of kafka-acls.sh, those that are needed: it refuses any other, and a missing one."""
    options = argparse.ArgumentParser(allow_abbrev=False)
    options.add_argument("--bootstrap-server", required=True)
    options.add_argument("--add", action="store_true", required=True)
    options.add_argument("--allow-principal", required=True)
    options.add_argument("--operation", action="append", required=True)
    options.add_argument("--resource-pattern-type", choices=["literal", "prefixed"], default="literal")
    resource = options.add_mutually_exclusive_group(required=True)
    for name in _RESOURCES:
        resource.add_argument("--" + name.replace("_", "-"))
    return options


def printed(settings: KafkaSettings) -> list[ACL]:
    """The ACLs of the commands that an administrator is given for an installation."""
    with redirect_stdout(io.StringIO()) as said:
        assert cli.main(["topics", "create", "--print", *options(settings)]) == 0
    lines = [shlex.split(line) for line in said.getvalue().splitlines()]
    return [acl for tool, *words in lines if tool == "kafka-acls.sh" for acl in _made(words)]


def _made(words: list[str]) -> Iterator[ACL]:
    said = vars(_kafka_acls().parse_args(words))
    ((kind, name),) = [(kind, said[kind]) for kind in _RESOURCES if said[kind]]
    pattern = ACLResourcePatternType[said["resource_pattern_type"].upper()]
    for operation in said["operation"]:
        yield acl(said["allow_principal"], kind, name, operation, pattern)


def acl(
    principal: str,
    kind: str,
    name: str,
    operation: str,
    pattern: ACLResourcePatternType = ACLResourcePatternType.LITERAL,
) -> ACL:
    """What lets a principal do one thing, in the words of kafka-acls.sh."""
    return ACL(
        principal=principal,
        host="*",
        operation=ACLOperation[format_operation(operation)],
        permission_type=ACLPermissionType.ALLOW,
        resource_pattern=ResourcePattern(_RESOURCES[kind], name, pattern),
    )


def allow(administrator: KafkaSettings, acls: Iterable[ACL]) -> None:
    """Make ACLs."""
    wanted = list(acls)
    with closing(KafkaAdminClient(bootstrap_servers=administrator.bootstrap)) as client:
        assert client.create_acls(wanted)["succeeded"] == wanted


@contextmanager
def without(administrator: KafkaSettings, acl: ACL) -> Iterator[None]:
    """One ACL less, for as long as this lasts."""
    with closing(KafkaAdminClient(bootstrap_servers=administrator.bootstrap)) as client:
        client.delete_acls([acl])
    yield
    allow(administrator, [acl])


def change_password(administrator: KafkaSettings, name: str, password: str) -> None:
    """Give somebody another password for SCRAM."""
    changed = UserScramCredentialUpsertion(name, ScramMechanism.SCRAM_SHA_512, password)
    with closing(KafkaAdminClient(bootstrap_servers=administrator.bootstrap)) as client:
        client.alter_user_scram_credentials([changed])
