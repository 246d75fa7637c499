"""Addresses of servers: what may never be asked is refused in the settings, and again at the connection."""

from __future__ import annotations

import socket
from typing import Any

import pytest
from tests.web.stub import Stub

from brentwatch.ingest.feeds.settings import AcledSettings, GdeltSettings, UcdpSettings
from brentwatch.prices.providers.settings import EiaSettings, FredSettings, MassiveSettings
from brentwatch.stream import KafkaSettings
from brentwatch.stream.security import SecuritySettings
from brentwatch.web.addresses import check_address, is_safe_websocket
from brentwatch.web.failures import NoAnswer, Reason
from brentwatch.web.fetching import Fetcher

TOKEN = {
    "protocol": "SASL_SSL", "mechanism": "OAUTHBEARER", "client_id": "desk", "client_secret": "s",
}  # fmt: skip
SECTIONS: dict[str, Any] = {
    "gdelt": lambda url: GdeltSettings(url=url),
    "acled": lambda url: AcledSettings(url=url),
    "ucdp": lambda url: UcdpSettings(url=url),
    "eia": lambda url: EiaSettings(url=url),
    "fred": lambda url: FredSettings(url=url),
    "massive": lambda url: MassiveSettings(url=url),
    "token": lambda url: SecuritySettings.model_validate({**TOKEN, "token_url": url}),
}
SECRET = ("acled", "ucdp", "eia", "massive", "token")
REFUSED = (
    "http://169.254.169.254/latest", "https://169.254.169.254", "http://2852039166/", "http://0xa9fea9fe/",
    "http://169.254.43518/", "https://[fe80::1]/", "https://[fe80::1%25eth0]/", "http://[::ffff:169.254.1.1]/",
    "https://host/\n", "https://ho\tst/", "https://host/\x00", "https://host/\x1b[2J", "https://host /",
    "https://host\\@elsewhere/", "https://höst/", "https://host:0/", "https://host:65536/", "https://host:x/",
    "https://host:/", "https://host:-1/", "https://user:word@host/", "ftp://host/", "file:///etc/passwd",
    "https://", "//host/", "host", "https://[::1/",
)  # fmt: skip


@pytest.mark.attack
@pytest.mark.parametrize("section", SECTIONS)
@pytest.mark.parametrize("url", REFUSED)
def test_an_address_that_may_never_be_asked_is_refused_in_every_section(section: str, url: str) -> None:
    with pytest.raises(ValueError, match=r"host|link-local"):
        SECTIONS[section](url)


@pytest.mark.attack
@pytest.mark.parametrize("section", SECRET)
@pytest.mark.parametrize("url", ["http://example.org", "http://10.0.0.1/", "http://localhost.example.org"])
def test_a_secret_is_never_sent_over_plain_http(section: str, url: str) -> None:
    with pytest.raises(ValueError, match="because a secret is sent there"):
        SECTIONS[section](url)


@pytest.mark.parametrize("section", SECTIONS)
@pytest.mark.parametrize(
    "url",
    ["https://example.org:8443/a", "http://127.0.0.1:8080/a", "http://[::1]:80/a", "http://localhost/a"],
)
def test_https_and_this_machine_are_taken(section: str, url: str) -> None:
    SECTIONS[section](url)


@pytest.mark.parametrize("section", ["gdelt", "fred"])
def test_an_address_that_is_sent_no_secret_may_be_plain(section: str) -> None:
    SECTIONS[section]("http://example.org")


def test_an_address_is_given_back_as_it_is() -> None:
    assert check_address("https://example.org/a?b=c") == "https://example.org/a?b=c"


@pytest.mark.attack
@pytest.mark.parametrize("broker", ["ho\x1bst:9092", "host\x00:9092", "host:0", "host:65536"])
def test_a_broker_with_control_characters_or_a_bad_port_is_refused(broker: str) -> None:
    with pytest.raises(ValueError, match="one or more brokers"):
        KafkaSettings(bootstrap=broker)


@pytest.mark.attack
def test_a_name_that_leads_to_a_link_local_address_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("169.254.169.254", 80))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    with pytest.raises(NoAnswer, match="is a link-local address") as caught:
        Fetcher(20.0).get("http://metadata.example.org/")
    assert caught.value.reason is Reason.UNREACHABLE


@pytest.mark.attack
def test_what_is_meant_for_this_machine_goes_through_no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    with Stub() as proxy, Stub() as stub:
        monkeypatch.setenv("http_proxy", proxy.url)
        with pytest.raises(NoAnswer) as caught:
            Fetcher(20.0).get(f"{stub.url}/secret")
    assert caught.value.reason is Reason.MISSING
    assert [asked.path for asked in stub.asked] == ["/secret"]
    assert proxy.asked == []


@pytest.mark.attack
@pytest.mark.parametrize(
    ("url", "base", "is_safe"),
    [
        ("wss://wss-primary.slack.com/link", "https://slack.com/api", True),
        ("wss://wss-primary.slack.com:443/link", "https://slack.com/api", True),
        ("wss://wss-primary.slack.com:80/link", "https://slack.com/api", False),
        ("ws://wss-primary.slack.com/link", "https://slack.com/api", False),
        ("wss://slack.com.evil.example/link", "https://slack.com/api", False),
        ("ws://127.0.0.1:5000/link", "https://slack.com/api", False),
        ("ws://127.0.0.1:5000/link", "http://127.0.0.1:4000", True),
        ("wss://127.0.0.1:5000/link", "http://127.0.0.1:4000", False),
        ("wss://[", "https://slack.com/api", False),
        ("", "https://slack.com/api", False),
    ],
)
def test_a_websocket_is_at_the_host_that_named_it_and_encrypted(url: str, base: str, is_safe: bool) -> None:
    """The library that connects would go on without TLS on any port but 443."""
    assert is_safe_websocket(url, base) is is_safe
