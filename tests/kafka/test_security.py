"""A broker that forbids what no ACL allows: the services run on theirs and no more, and refusals are told."""

from __future__ import annotations

from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from kafka import KafkaConsumer
from tests.kafka import acls, broker, secured
from tests.kafka.certificates import Authority
from tests.kafka.conftest import require
from tests.kafka.folds import Published, fold
from tests.kafka.histories import synthetic
from tests.kafka.jobs import echo
from tests.kafka.patience import await_true, quick
from tests.kafka.programs import brentwatch, create_topics, member, service
from tests.kafka.secured import password, unsigned_token, user
from tests.kafka.test_notify import outcomes
from tests.kafka.tools import Beside, Heard, committed, copied, make_topic, read, values, write, write_values
from tests.screen.messages import message
from tests.stream.token_endpoint import TokenEndpoint

from brentwatch.core.errors import SettingsError, Unavailable
from brentwatch.history.folder import find_history
from brentwatch.stream import (
    ALERTS,
    CANARIES,
    DEAD,
    DEAD_NOTES,
    DELIVERIES,
    EVENTS,
    STUDIES,
    TIMELINE,
    Outgoing,
    load_topics,
)
from brentwatch.stream.clients.admin import Admin
from brentwatch.stream.clients.connection import build_options
from brentwatch.stream.clients.group_consumer import GroupConsumer
from brentwatch.stream.grants import authorize, format_operation, load_grants
from brentwatch.stream.security import SecuritySettings
from brentwatch.stream.topics import Configure, Create, Grow, TopicPlan, apply, plan

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from kafka.admin import ACL
    from tests.kafka.secured import Secured

    from brentwatch.stream import KafkaSettings
    from brentwatch.stream.topics import Topic

pytestmark = pytest.mark.kafka

KEY_PASSWORD = "of-the-key"
PREFIX = "guarded."


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secured]:
    """The broker of this file; nobody's ACLs are made yet."""
    tools = broker.missing_tools()
    require(f"{tools} wanted for a broker of the test's own" if tools else "")
    with secured.secured(tmp_path_factory.mktemp("guarded")) as running:
        yield running


@pytest.fixture(scope="module")
def endpoint() -> Iterator[TokenEndpoint]:
    with TokenEndpoint() as running:
        running.answer = secured.token_for_those_known
        yield running


@pytest.fixture
def administrator(guarded: Secured, prefix: str) -> KafkaSettings:
    """The way in for those who may do everything."""
    return quick(guarded.broker.bootstrap, prefix)


@pytest.fixture(scope="module")
def installation(guarded: Secured) -> KafkaSettings:
    """The administrator's way to topics with the ACLs of the file, and to groups that have been there."""
    settings = quick(guarded.broker.bootstrap, PREFIX)
    acls.allow(settings, acls.printed(settings))
    create_topics(by_password(guarded, "topics", prefix=PREFIX))
    for name, topic in (("screen", EVENTS), ("monitor", TIMELINE), ("notify", ALERTS)):
        member_for_a_moment(settings, settings.group(name), settings.topic(topic))
    return settings


def member_for_a_moment(settings: KafkaSettings, group: str, topic: str) -> None:
    """Join and leave: of a group that never was, a broker tells nobody what they may do with it."""
    how = {"bootstrap_servers": settings.bootstrap, "group_id": group, "enable_auto_commit": False}
    with closing(KafkaConsumer(**how)) as consumer:
        # Who joins before it knows the topic is given nothing, and waits for ever.
        await_true(lambda: consumer.partitions_for_topic(topic), "the topic is known")
        consumer.subscribe([topic])
        await_true(lambda: consumer.poll(100) or consumer.assignment(), "the group is there")


def secure(guarded: Secured, listener: str, *, prefix: str = "", **security: Any) -> KafkaSettings:
    given = {"ca_file": str(guarded.authority.certificate)} | security
    way = quick(guarded.where(listener), prefix)
    return way.model_copy(update={"security": SecuritySettings.model_validate(given)})


def by_password(
    guarded: Secured, service: str, mechanism: str = "PLAIN", *, prefix: str = "", **changes: Any
) -> KafkaSettings:
    """The way of a service that proves itself by a password, which stands in a file."""
    file = guarded.folder / f"{service}.password"
    file.write_text(f"{password(service)}\n")
    given = {
        "protocol": "SASL_SSL",
        "mechanism": mechanism,
        "username": user(service),
        "password_file": str(file),
    }
    return secure(guarded, "SASL", prefix=prefix, **(given | changes))


def by_token(
    guarded: Secured, service: str, url: str, *, prefix: str = "", secret: str = ""
) -> KafkaSettings:
    """The way of a service that proves itself by a token."""
    file = guarded.folder / f"{service}.{secret or 'its'}.secret"
    file.write_text(secret or password(service))
    given = {"protocol": "SASL_SSL", "mechanism": "OAUTHBEARER", "token_url": url}
    client = {"client_id": user(service), "client_secret_file": str(file)}
    return secure(guarded, "SASL", prefix=prefix, **given, **client)


def by_certificate(guarded: Secured, service: str, *, prefix: str = "", **changes: Any) -> KafkaSettings:
    """The way of a service that proves itself by a certificate, whose key is closed."""
    pair = guarded.authority.sign(user(service), password=KEY_PASSWORD)
    file = guarded.folder / "key.password"
    file.write_text(KEY_PASSWORD)
    given = {"protocol": "SSL", "certificate_file": str(pair.certificate), "key_file": str(pair.key)}
    return secure(guarded, "TLS", prefix=prefix, **(given | {"key_password_file": str(file)} | changes))


def test_all_runs_end_to_end_on_the_acls_of_the_file_and_no_secret_is_logged(
    guarded: Secured, installation: KafkaSettings, endpoint: TokenEndpoint, tmp_path: Path
) -> None:
    screen = by_password(guarded, "screen", "SCRAM-SHA-512", prefix=PREFIX)
    monitor = by_token(guarded, "monitor", endpoint.url, prefix=PREFIX)
    notify = by_password(guarded, "notify", prefix=PREFIX)
    canary = by_password(guarded, "canary", prefix=PREFIX)
    logs = [tmp_path / name for name in ("screen", "monitor", "notify", "canary")]
    told, history = tmp_path / "alerts.jsonl", find_history(str(synthetic(tmp_path)))
    channel = ("--set", "notify.channels=jsonl", "--set", f"notify.jsonl.path={told}", "--log-level", "debug")
    with (
        member(screen, "screen", "--log-level", "debug", log=logs[0]),
        member(monitor, "monitor", "--log-level", "debug", log=logs[1]),
        member(notify, "notify", *channel, log=logs[2]),
    ):
        fed = brentwatch(
            by_password(guarded, "feed", prefix=PREFIX), "feed", str(tmp_path), "--prefix", PREFIX
        )
        assert fed.returncode == 0, fed.stderr
        end = len(values(installation, installation.topic(TIMELINE)))
        await_true(lambda: place(installation, "monitor") == end, "the timeline is answered", 90)
        published = read(installation, installation.topic(ALERTS))
        last = published[-1].offset  # not their number: the ends of transactions stand between them
        await_true(lambda: copied(installation)[0] > last, "the alerts are copied")
        with service(canary, "canary", "--log-level", "debug", log=logs[3]):
            await_true(lambda: read(installation, installation.topic(CANARIES)), "the canary is answered")
        count = len(published)
        await_true(lambda: len(outcomes(installation)) == count, "the alerts are sent")
        newest = read(installation, installation.topic(DELIVERIES))[-1].offset
        await_true(lambda: place(installation, "deliveries") > newest, "no transaction is left open")
    alerts = [record.value for record in published]
    studies = values(installation, installation.topic(STUDIES))
    assert Published(studies, alerts) == fold(history.signals)
    assert told.read_bytes().splitlines() == alerts
    assert len(read(installation, installation.topic(DEAD))) == len(history.dead_letters)
    replayed = brentwatch(by_certificate(guarded, "replay", prefix=PREFIX), "replay", "--from-kafka")
    assert replayed.returncode == 0, replayed.stderr
    said = fed.stdout + fed.stderr + replayed.stderr + "".join(log.read_text() for log in logs)
    assert [each for each in secured.SERVICES if password(each) in said] == []
    assert (KEY_PASSWORD in said, "Traceback" in said) == (False, False)


def place(settings: KafkaSettings, service: str) -> int:
    return sum(committed(settings, settings.group(service)).values())


@pytest.mark.parametrize("service", secured.SERVICES)
def test_a_service_may_do_what_its_rows_say_and_nothing_else(
    guarded: Secured, installation: KafkaSettings, service: str
) -> None:
    implied = {
        "Read": {"DESCRIBE"},
        "Write": {"DESCRIBE"},
        "Alter": {"DESCRIBE"},
        "AlterConfigs": {"DESCRIBE_CONFIGS"},
    }
    granted = {
        grant.name: {
            name
            for each in grant.operations
            for name in (implied.get(each, set()) | {format_operation(each)})
        }
        for grant in load_grants(installation)[service]
        if grant.resource == "Topic"
    }
    every = {grant.name for grant in load_grants(installation)["topics"]}
    with closing(Admin(by_password(guarded, service))) as admin:
        assert admin.list_operations(every) == {name: granted.get(name, set()) for name in every}
        groups = {
            each: admin.list_group_operations(installation.group(each))
            for each in ("screen", "monitor", "notify")
        }
    own = {service: {"READ", "DESCRIBE"}} if service in groups else {}
    watched = {"screen": {"DESCRIBE"}} if service == "feed" else {}
    assert {each: allowed for each, allowed in groups.items() if allowed} == own | watched


def test_alerts_are_listed_and_answered_on_the_acls_of_that_command(
    guarded: Secured, installation: KafkaSettings
) -> None:
    settings = by_password(guarded, "alerts", prefix=PREFIX)
    listed = brentwatch(settings, "alerts", "list")
    answered = brentwatch(settings, "alerts", "silence", "--for", "1m")
    exported = brentwatch(settings, "alerts", "export", "--from", "2020-01-01", "--to", "2099-01-01")
    for done in (listed, answered, exported):
        assert done.returncode == 0, done.stderr
    assert answered.stdout.startswith("recorded; it takes effect when the notifier reads it")
    assert '"answer":"silence"' in exported.stdout


def test_the_record_is_saved_on_the_acls_of_that_command(
    guarded: Secured, installation: KafkaSettings, tmp_path: Path
) -> None:
    settings = by_password(guarded, "backup", prefix=PREFIX)
    saved = brentwatch(settings, "topics", "save", str(tmp_path / "copy"))
    restored = brentwatch(settings, "topics", "restore", str(tmp_path / "copy"))
    assert saved.returncode == 0, saved.stderr
    assert restored.returncode == 3  # it may read, and write nothing
    with pytest.raises(SettingsError, match="refused writing"):
        write(settings, Outgoing(topic=installation.topic(TIMELINE), value=b"{}", partition=0))


@pytest.mark.parametrize(
    ("service", "name"),
    [
        ("notify", TIMELINE),
        ("screen", ALERTS),
        ("monitor", EVENTS),
        ("feed", STUDIES),
        ("notify", DEAD_NOTES),
    ],
)
def test_what_no_acl_allows_is_refused(
    guarded: Secured, installation: KafkaSettings, service: str, name: str
) -> None:
    settings, topic = by_password(guarded, service, prefix=PREFIX), installation.topic(name)
    with pytest.raises(SettingsError) as written:
        write(settings, Outgoing(topic=topic, value=b"{}", partition=0))
    with pytest.raises(SettingsError) as taken:
        read(settings, topic)
    for told in (str(written.value), str(taken.value)):
        assert "TopicAuthorizationFailedError" in told
        assert topic in told
        assert "ask an administrator to apply the ACLs that `brentwatch topics create --print` prints" in told


def test_who_may_write_nowhere_is_refused_in_the_same_words(
    guarded: Secured, installation: KafkaSettings
) -> None:
    settings = by_password(guarded, "replay", prefix=PREFIX)
    with pytest.raises(SettingsError, match=r"refused writing: .*; expected an ACL that allows it"):
        write(settings, Outgoing(topic=installation.topic(TIMELINE), value=b"{}", partition=0))


def test_another_services_group_cannot_be_joined(guarded: Secured, installation: KafkaSettings) -> None:
    settings = by_password(guarded, "monitor", prefix=PREFIX)
    group = installation.group("notify")
    topics, member = [installation.topic(TIMELINE)], settings.name_member(group)
    with (
        closing(GroupConsumer(settings, group=group, topics=topics, member=member)) as consumer,
        pytest.raises(SettingsError, match=rf"GroupAuthorizationFailedError.*{group}"),
    ):
        await_true(lambda: consumer.poll(0.2, 100) is None, "it is refused")


@pytest.mark.parametrize("service", ["ingest", "screen", "monitor", "notify", "prices", "canary", "feed"])
def test_each_missing_acl_is_told_with_its_topic_and_operation(
    guarded: Secured, installation: KafkaSettings, service: str
) -> None:
    settings = by_password(guarded, service, prefix=PREFIX)
    mine = [acl for acl in acls.printed(installation) if acl.principal == f"User:{user(service)}"]
    told = [acl for acl in mine if "TRANSACTIONAL_ID" not in named(acl)]
    with closing(Admin(settings)) as admin:
        authorize(service, settings, admin)
        for acl in told:
            kind, name, operation = named(acl)
            begins = f"{kind.lower()} {name}: {operation.capitalize()} is not allowed; {service} needs it"
            with acls.without(installation, acl):
                await_true(partial(refuses, begins, service, settings, admin), begins, 10)
            await_true(lambda: not refuses("", service, settings, admin), "it is allowed again", 10)


def named(acl: ACL) -> tuple[str, str, str]:
    """Kind and name of the resource, and the operation."""
    resource = acl.resource_pattern
    return resource.resource_type.name, resource.resource_name, acl.operation.name


def refuses(begins: str, service: str, settings: KafkaSettings, admin: Admin) -> bool:
    """True where one operation is missing, and the sentence begins so."""
    try:
        authorize(service, settings, admin)
    except SettingsError as error:
        return len(error.faults) == 1 and error.faults[0].startswith(begins)
    return False


def test_a_service_with_an_acl_missing_does_not_start(guarded: Secured, installation: KafkaSettings) -> None:
    (acl,) = [
        acl
        for acl in acls.printed(installation)
        if acl.principal == f"User:{user('screen')}" and named(acl)[1].endswith("timeline")
    ]
    with acls.without(installation, acl):
        done = brentwatch(by_password(guarded, "screen", prefix=PREFIX), "run", "screen")
    assert done.returncode == 3
    said = done.stderr.splitlines()[-1]
    assert said.startswith(
        f"brentwatch: topic {PREFIX}impact.timeline: Write is not allowed; screen needs it: check the "
        "credentials in kafka.security, or ask an administrator to run what this command prints for screen: "
        "brentwatch topics create --print --set "
    )


def test_topics_are_made_grown_and_set_right_on_their_acls_and_no_less(
    guarded: Secured, administrator: KafkaSettings
) -> None:
    make_topic(administrator, TIMELINE)
    make_topic(administrator, ALERTS, retention_ms="1000")
    settings = by_password(guarded, "topics", prefix=administrator.topic_prefix)
    principal = f"User:{user('topics')}"
    wanted = list(load_topics(settings, [0, 1]).values())
    with closing(Admin(settings)) as admin:
        for operation in ("Describe", "DescribeConfigs"):
            refuse(lambda: plan(wanted, admin), f"({operation})")
            acls.allow(administrator, [acls.acl(principal, "topic", each.name, operation) for each in wanted])
            native = format_operation(operation)
            await_true(lambda: allowed_everywhere(admin, wanted, native), "it is allowed")  # noqa: B023
        steps = {(type(step), step.topic.name): step for step in plan(wanted, admin).steps}
        for kind, name, operation in (
            (Create, STUDIES, "Create"),
            (Grow, TIMELINE, "Alter"),
            (Configure, ALERTS, "AlterConfigs"),
        ):
            topic = settings.topic(name)
            refuse(partial(apply, [steps[kind, topic]], admin), f"topic {topic} ({operation}): ")
        acls.allow(administrator, [acl for acl in acls.printed(administrator) if acl.principal == principal])
        await_true(lambda: allowed_everywhere(admin, wanted, "ALTER_CONFIGS"), "it is allowed")
        apply(steps.values(), admin)
        await_true(lambda: plan(wanted, admin) == TopicPlan(), "the broker shows what was changed")


def refuse(attempt: Callable[[], object], said: str) -> None:
    """Make sure that something is forbidden, and told so."""
    with pytest.raises(SettingsError) as caught:
        attempt()
    assert said in str(caught.value)


def allowed_everywhere(admin: Admin, wanted: Sequence[Topic], operation: str) -> bool:
    """True where an operation is allowed on all topics that exist."""
    found = admin.list_operations(each.name for each in wanted)
    return len(found) > 0 and all(operation in operations for operations in found.values())


def test_ids_of_transactions_are_the_monitors_alone(guarded: Secured, installation: KafkaSettings) -> None:
    from kafka import KafkaProducer
    from kafka.errors import TransactionalIdAuthorizationFailedError

    def begin(service: str) -> None:
        options = build_options(by_password(guarded, service, prefix=PREFIX))
        transactional_id = f"{installation.group('monitor')}-0"
        with closing(KafkaProducer(**options, transactional_id=transactional_id)) as producer:
            producer.init_transactions()
            producer.begin_transaction()
            producer.send(installation.topic(ALERTS), b"{}", partition=0).get(10)
            producer.abort_transaction()

    begin("monitor")
    with pytest.raises(TransactionalIdAuthorizationFailedError):
        begin("screen")


def test_every_mechanism_lets_in_whom_it_knows(
    guarded: Secured, endpoint: TokenEndpoint, tmp_path: Path
) -> None:
    token = tmp_path / "token"
    token.write_text(unsigned_token("screen"))
    mounted = {"protocol": "SASL_SSL", "mechanism": "OAUTHBEARER", "token_file": str(token)}
    for settings in (
        by_password(guarded, "screen", "PLAIN"),
        by_password(guarded, "screen", "SCRAM-SHA-512"),
        by_token(guarded, "screen", endpoint.url),
        secure(guarded, "SASL", **mounted),
        by_certificate(guarded, "screen"),
        by_certificate(guarded, "screen", ca_file=str(guarded.authority.certificate)),
    ):
        Admin(settings).close()


def refused(settings: KafkaSettings, error: type[Exception] = SettingsError) -> str:
    with pytest.raises(error) as caught:
        Admin(settings)
    assert "wrong-word" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("mechanism", ["PLAIN", "SCRAM-SHA-512"])
def test_a_wrong_password_or_an_unknown_name_is_told(guarded: Secured, mechanism: str) -> None:
    wrong: dict[str, Any] = {"password_file": None, "password": "wrong-word"}
    for changes in (wrong, wrong | {"username": "nobody"}):
        told = refused(by_password(guarded, "screen", mechanism, **changes))
        assert told.startswith(f"Kafka at {guarded.where('SASL')} refused the {mechanism} login: [Error 58] ")
        assert told.endswith(
            "; expected a SASL_SSL listener that accepts these credentials: check kafka.security.username "
            "and password, and kafka.security.mechanism and protocol"
        )


def test_a_mechanism_that_is_not_offered_is_told(guarded: Secured) -> None:
    told = refused(by_password(guarded, "screen", "SCRAM-SHA-256"))
    assert "refused the SCRAM-SHA-256 login: [Error 33] UnsupportedSaslMechanismError" in told


def test_a_broker_that_is_not_trusted_is_told_with_the_reason(guarded: Secured, tmp_path: Path) -> None:
    another = str(Authority(tmp_path, "another").certificate)
    said = {
        "EXPIRED": "certificate has expired",
        "SELFSIGNED": "self-signed certificate",
        "ELSEWHERE": "IP address mismatch, certificate is not valid for '127.0.0.1'.",
    }
    told = {name: refused(secure(guarded, name, protocol="SSL")) for name in said}
    told["SASL"] = refused(by_password(guarded, "screen", ca_file=another))
    for name, reason in (said | {"SASL": "unable to get local issuer certificate"}).items():
        assert told[name].startswith(
            f"the certificate of Kafka at {guarded.where(name)} cannot be verified: {reason}; expected a "
            "valid certificate for the host in kafka.bootstrap, signed by a certificate in "
            "kafka.security.ca_file"
        )


def test_the_name_of_the_host_is_looked_at_unless_told_otherwise(guarded: Secured) -> None:
    way = secure(guarded, "ELSEWHERE", protocol="SSL", check_hostname=False)
    Admin(way).close()


def test_a_broker_that_wants_a_certificate_and_sees_none_is_told(guarded: Secured) -> None:
    told = refused(secure(guarded, "TLS", protocol="SSL"))
    assert "the TLS handshake with Kafka" in told
    assert "kafka.security.certificate_file and key_file if the broker requires" in told


@pytest.mark.parametrize("word", ["wrong-word", None])
def test_a_key_that_does_not_open_is_told_and_nobody_is_asked(guarded: Secured, word: str | None) -> None:
    told = refused(by_certificate(guarded, "screen", key_password_file=None, key_password=word))
    assert told.startswith("kafka.security.certificate_file is ")
    assert "that kafka.security.key_password decrypts: correct the file" in told


def test_a_client_that_the_token_endpoint_refuses_stops_and_one_that_it_does_not_answer_waits(
    guarded: Secured, endpoint: TokenEndpoint
) -> None:
    told = refused(by_token(guarded, "screen", endpoint.url, secret="wrong-word"))
    assert "gave client brentwatch-screen no token: 401 invalid_client; check" in told
    assert "gave no token: " in refused(by_token(guarded, "screen", "http://127.0.0.1:1/"), Unavailable)


def test_a_token_that_the_broker_refuses_is_told(guarded: Secured, tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text(unsigned_token("screen", seconds=-100))
    mounted = {"protocol": "SASL_SSL", "mechanism": "OAUTHBEARER", "token_file": str(token)}
    told = refused(secure(guarded, "SASL", **mounted))
    assert "refused the OAUTHBEARER login: [Error 58]" in told
    assert "check the token from kafka.security.token_url or token_file, and its scope, and" in told


def test_another_protocol_than_the_listeners_is_told(guarded: Secured) -> None:
    plain = quick(guarded.where("SASL"), "").model_copy(update={"request_timeout_seconds": 1.0})
    assert "is its address, with a listener for kafka.security.protocol" in refused(plain, Unavailable)
    told = refused(by_certificate(guarded, "screen", protocol="SASL_SSL", mechanism="PLAIN",
        username="a", password="wrong-word"))  # fmt: skip
    assert "IllegalSaslStateError" in told
    assert told.endswith("kafka.security.mechanism and protocol")


@pytest.fixture
def echoing(guarded: Secured, administrator: KafkaSettings) -> KafkaSettings:
    """The way of a stranger, who may read one topic and write to another."""
    settings = by_password(guarded, secured.STRANGER, "SCRAM-SHA-512", prefix=administrator.topic_prefix)
    for name in ("in", "out", "dead"):
        make_topic(administrator, name)
    acls.allow(administrator, stranger(settings))
    return settings


def stranger(settings: KafkaSettings) -> list[ACL]:
    principal = f"User:{user(secured.STRANGER)}"
    return [
        acls.acl(principal, "topic", settings.topic("in"), "Read"),
        acls.acl(principal, "group", settings.group("test"), "Read"),
        acls.acl(principal, "topic", settings.topic("dead"), "Write"),
        acls.acl(principal, "topic", settings.topic("out"), "Write"),
    ]


def test_an_acl_that_is_taken_away_stops_a_running_service(
    administrator: KafkaSettings, echoing: KafkaSettings
) -> None:
    *_, writing = stranger(echoing)
    source, out = echoing.topic("in"), echoing.topic("out")
    running = Beside(echoing, echo(echoing), Heard())
    write_values(administrator, source, b"1")
    await_true(lambda: values(administrator, out) == [b"1"], "the first is answered")
    with acls.without(administrator, writing):
        write_values(administrator, source, b"2")
        await_true(lambda: running.ended, "the loop has ended")
    with pytest.raises(SettingsError) as caught:
        running.stop()
    assert f"refused writing: [Error 29] TopicAuthorizationFailedError: {out}; " in str(caught.value)


def test_a_password_that_is_changed_stops_a_running_service(
    administrator: KafkaSettings, echoing: KafkaSettings
) -> None:
    running = Beside(echoing, echo(echoing), Heard())
    write_values(administrator, echoing.topic("in"), b"1")
    await_true(lambda: values(administrator, echoing.topic("out")) == [b"1"], "the first is answered")
    acls.change_password(administrator, user(secured.STRANGER), "another")
    await_true(lambda: running.ended, "the loop has ended")
    with pytest.raises(SettingsError) as caught:
        running.stop()
    assert "refused the SCRAM-SHA-512 login: [Error 58]" in str(caught.value)


def test_the_feeds_run_on_their_acls_alone(
    guarded: Secured, installation: KafkaSettings, tmp_path: Path
) -> None:
    (tmp_path / "desk.jsonl").write_bytes(message(event_id="desk:by-ingest"))
    feed = ("--set", "ingest.feeds=file", "--set", f"ingest.file.path={tmp_path}")
    events = partial(values, installation, installation.topic(EVENTS))
    with service(by_password(guarded, "ingest", prefix=PREFIX), "ingest", *feed):
        await_true(
            lambda: any(b"desk:by-ingest" in (value or b"") for at in range(12) for value in events(at)),
            "the event is on the topic",
        )
