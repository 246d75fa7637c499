"""A broker that lets in whom it knows, and forbids what no ACL allows."""

from __future__ import annotations

import base64
import json
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.kafka import broker
from tests.kafka.certificates import Authority, Pair, self_signed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.stream.token_endpoint import Answer, Asked

SERVICES = (
    "ingest",
    "screen",
    "monitor",
    "notify",
    "prices",
    "canary",
    "feed",
    "replay",
    "alerts",
    "backup",
    "topics",
)
STRANGER = "stranger"
LISTENERS = {
    "SASL": "SASL_SSL",
    "TLS": "SSL",
    "EXPIRED": "SSL",
    "SELFSIGNED": "SSL",
    "ELSEWHERE": "SSL",
}
REAUTHENTICATION_MS = 3000
_MODULES = "org.apache.kafka.common.security"


def user(service: str) -> str:
    """Who a service is to the broker, as `topics create --print` names it."""
    return f"brentwatch-{service}"


def password(service: str) -> str:
    """What a service proves itself with."""
    return f"word-of-{service}"


@dataclass(frozen=True, slots=True)
class Secured:
    """A broker and its authority. On its plain listener everybody is the administrator."""

    broker: broker.Broker
    authority: Authority
    folder: Path

    def where(self, listener: str) -> str:
        """Host and port of a listener."""
        return self.broker.listeners[listener]


@contextmanager
def secured(folder: Path) -> Iterator[Secured]:
    """The broker, running."""
    authority = Authority(folder, "authority")
    pairs = {
        "SASL": authority.sign("broker"),
        "TLS": authority.sign("broker-tls"),
        "EXPIRED": authority.sign("expired", days=-1),
        "SELFSIGNED": self_signed(folder, "selfsigned"),
        "ELSEWHERE": authority.sign("elsewhere", host="192.0.2.1"),
    }
    known = [*SERVICES, STRANGER]
    scram = [f"SCRAM-SHA-512=[name={user(name)},password={password(name)}]" for name in known]
    format_options = [word for each in scram for word in ("--add-scram", each)]
    made = broker.configured(folder, LISTENERS, _properties(authority, pairs, known), format_options)
    with broker.running(made):
        yield Secured(made, authority, folder)


def _properties(authority: Authority, pairs: dict[str, Pair], known: list[str]) -> str:
    users = " ".join(f'user_{user(name)}="{password(name)}"' for name in known)
    sasl = "listener.name.sasl."
    lines = {
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "allow.everyone.if.no.acl.found": "false",
        "super.users": "User:ANONYMOUS",
        "ssl.truststore.type": "PEM",
        "ssl.truststore.location": authority.certificate,
        "ssl.principal.mapping.rules": "RULE:^CN=(.*)$/$1/",
        "listener.name.tls.ssl.client.auth": "required",
        f"{sasl}sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-512,OAUTHBEARER",
        f"{sasl}plain.sasl.jaas.config": f"{_MODULES}.plain.PlainLoginModule required {users};",
        f"{sasl}scram-sha-512.sasl.jaas.config": f"{_MODULES}.scram.ScramLoginModule required;",
        f"{sasl}oauthbearer.sasl.jaas.config": f"{_MODULES}.oauthbearer.OAuthBearerLoginModule required "
        'unsecuredLoginStringClaim_sub="broker";',
        f"{sasl}scram-sha-512.connections.max.reauth.ms": REAUTHENTICATION_MS,
        f"{sasl}oauthbearer.connections.max.reauth.ms": REAUTHENTICATION_MS,
    }
    for name, pair in pairs.items():
        lines[f"listener.name.{name.lower()}.ssl.keystore.type"] = "PEM"
        lines[f"listener.name.{name.lower()}.ssl.keystore.location"] = pair.both
    return "".join(f"{name}={value}\n" for name, value in lines.items())


def unsigned_token(service: str, seconds: float = 3600.0) -> str:
    """A token that Kafka's handler for tests believes: of a service, unsigned, good for some seconds."""
    now = time.time()
    parts = [{"alg": "none"}, {"sub": user(service), "iat": now, "exp": now + seconds}]
    encoded = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts]
    return ".".join([*encoded, ""])


def token_for_those_known(asked: Asked) -> Answer:
    """The answer of a token endpoint that knows the services and their passwords."""
    given = base64.b64decode(asked.authorization.removeprefix("Basic ")).decode()
    for service in SERVICES:
        if given == f"{user(service)}:{password(service)}":
            token = {"access_token": unsigned_token(service), "expires_in": 3600}
            return 200, json.dumps(token).encode()
    return 401, b'{"error": "invalid_client"}'
