"""Where a message may be sent: public hosts, or those that are named; private addresses only if named."""

from __future__ import annotations

import socket

import pytest
from pydantic import TypeAdapter
from tests.web.stub import Answer, Asked, Stub

from brentwatch.web.addresses import AllowedHosts, HostName, is_at_host_of
from brentwatch.web.failures import NoAnswer, Reason
from brentwatch.web.fetching import Fetcher

PRIVATE = (
    "10.1.2.3", "172.16.0.1", "192.168.1.1", "127.0.0.1", "127.9.9.9", "100.64.0.1", "0.0.0.0", "224.0.0.1",  # noqa: S104 - nothing is bound
    "240.0.0.1", "255.255.255.255", "169.254.169.254", "192.0.2.1", "198.18.0.1", "::1", "::", "fc00::1",
    "fd12:3456::1", "fe80::1", "fec0::1", "ff02::1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:a00:1::",
    "2001:db8::1", "2001::1",
)  # fmt: skip
PUBLIC = ("8.8.8.8", "2606:4700::1111", "64:ff9b::808:808", "::ffff:8.8.8.8")


def url_of(host: str) -> str:
    return f"https://[{host}]/a" if ":" in host else f"https://{host}/a"


@pytest.mark.attack
@pytest.mark.parametrize("host", [*PRIVATE, "localhost", "2130706433", "0x7f.1", "LOCALHOST."])
def test_an_address_that_is_not_public_is_refused_unless_it_is_named(host: str) -> None:
    with pytest.raises(ValueError, match="a public address, or one listed in hosts"):
        AllowedHosts([]).check_url(url_of(host))
    assert AllowedHosts([host]).check_url(url_of(host)) == url_of(host)


@pytest.mark.parametrize("host", [*PUBLIC, "hooks.example.org"])
def test_a_public_host_needs_no_name_in_the_list(host: str) -> None:
    AllowedHosts([]).check_url(url_of(host))


@pytest.mark.attack
@pytest.mark.parametrize(
    "url", ["https://example.org/a", "https://hooks.example.org.evil.org/", "https://8.8.8.8"]
)
def test_where_hosts_are_named_no_other_one_is_asked(url: str) -> None:
    with pytest.raises(ValueError, match="a host listed in hosts"):
        AllowedHosts(["hooks.example.org"]).check_url(url)


def test_a_host_is_named_without_its_port_and_in_any_case() -> None:
    AllowedHosts(["Hooks.Example.org."]).check_url("https://hooks.example.ORG:8443/a")
    AllowedHosts(["[fd12::0:1]"]).check_url("https://[fd12:0::1]/a")


@pytest.mark.attack
@pytest.mark.parametrize("host", ["example.org", "10.0.0.1", "8.8.8.8"])
def test_plain_http_goes_to_this_machine_alone(host: str) -> None:
    with pytest.raises(ValueError, match="http only to this machine"):
        AllowedHosts([host]).check_url(f"http://{host}/")


@pytest.mark.attack
def test_plain_http_to_this_machine_needs_its_name_in_the_list() -> None:
    AllowedHosts(["127.0.0.1", "localhost"]).check_url("http://127.0.0.1:8080/a")
    AllowedHosts(["127.0.0.1", "localhost"]).check_url("http://localhost:8080/a")
    with pytest.raises(ValueError, match="http only to this machine"):
        AllowedHosts([]).check_url("http://127.0.0.1:8080/a")


@pytest.mark.attack
@pytest.mark.parametrize(
    "url",
    ["https://user:open-sesame@host/", "https://host/open-sesame\n", "ftp://host/open-sesame", "open-sesame"],
)
def test_an_address_that_cannot_be_used_is_not_quoted(url: str) -> None:
    with pytest.raises(ValueError, match="https://host/path") as caught:
        AllowedHosts([]).check_url(url)
    assert "open-sesame" not in str(caught.value)


@pytest.mark.attack
@pytest.mark.parametrize("address", PRIVATE)
def test_a_public_name_that_leads_to_another_than_a_public_address_is_refused(address: str) -> None:
    with pytest.raises(OSError, match="no request was sent"):
        AllowedHosts([]).check_target("hooks.example.org", address)
    AllowedHosts([address]).check_target("hooks.example.org", address)


@pytest.mark.attack
def test_a_named_host_may_be_private_but_is_not_asked_for_the_credentials_of_a_cloud() -> None:
    named = AllowedHosts(["alerts.example.org"])
    named.check_target("alerts.example.org", "10.0.0.1")
    for address in ("169.254.169.254", "fe80::1%eth0"):
        with pytest.raises(OSError, match="no request was sent"):
            named.check_target("alerts.example.org", address)


@pytest.mark.attack
def test_a_name_is_checked_at_the_connection_and_the_server_behind_it_is_not_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with Stub() as stub:
        port = int(stub.url.rpartition(":")[2])
        found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
        fetcher = Fetcher(20.0, check_target=AllowedHosts([]).check_target)
        with pytest.raises(
            NoAnswer, match=r"its name resolves to 127\.0\.0\.1; expected a public address"
        ) as caught:
            fetcher.send("POST", f"http://hooks.example.org:{port}/", b"")
    assert caught.value.reason is Reason.UNREACHABLE
    assert stub.asked == []


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://files.example.org/upload", True),
        ("https://example.org/upload", True),
        ("https://filesexample.org/upload", False),
        ("https://example.org.evil.net/upload", False),
        ("https://evil.net/example.org", False),
        ("https://example.org@evil.net/", False),
        ("https://[::1", False),
        ("", False),
    ],
)
def test_an_address_that_an_answer_names_is_of_the_same_domain(url: str, *, expected: bool) -> None:
    assert is_at_host_of(url, "https://example.org/api") is expected


@pytest.mark.parametrize("host", ["alerts.example.org", "localhost", "127.0.0.1", "::1", "[fd12::1]", "a_b"])
def test_a_host_is_a_name_or_an_ip_address(host: str) -> None:
    assert TypeAdapter(HostName).validate_python(host) == host


@pytest.mark.parametrize(
    "host", ["", "https://a.org", "a.org:443", "a.org/b", "*.a.org", "a b", "[a]", "a..org"]
)
def test_a_host_with_a_scheme_a_port_or_a_path_would_never_match_and_is_refused(host: str) -> None:
    with pytest.raises(ValueError, match="host names or IP addresses"):
        TypeAdapter(HostName).validate_python(host)


class Proxy(Stub):
    """Answers whatever it is asked for somebody else."""

    def routes(self, asked: Asked) -> Answer:
        return Answer(b"by proxy")


def test_a_proxy_of_the_environment_may_be_private(monkeypatch: pytest.MonkeyPatch) -> None:
    with Proxy() as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        fetcher = Fetcher(20.0, check_target=AllowedHosts([]).check_target)
        assert fetcher.send("POST", "http://hooks.example.org/", b"").body == b"by proxy"
