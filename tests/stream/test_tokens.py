"""Tokens: fetched from an endpoint over HTTP and kept while they are good, or read from a file."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import SecretStr
from tests.stream.token_endpoint import SECRET, TokenEndpoint
from tests.web.stub import Stub
from tests.web.troubles import TROUBLES, raw_drip

from brentwatch.core.errors import SettingsError, Unavailable
from brentwatch.stream.clients.credentials import ClientCredentials, TokenFile
from brentwatch.web.secrets import Secret

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.web.stub import Trouble


class Clock:
    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def endpoint() -> Iterator[TokenEndpoint]:
    with TokenEndpoint() as running:
        yield running


@pytest.fixture
def clock() -> Clock:
    return Clock()


def credentials(url: str, clock: Clock, **changes: Any) -> ClientCredentials:
    given: dict[str, Any] = {
        "client_id": "desk",
        "secret": Secret("kafka.security.client_secret", SecretStr(SECRET), None),
        "scope": "",
        "ca_file": None,
        "timeout_seconds": 5.0,
    }
    return ClientCredentials(url=url, now=clock, **(given | changes))


def test_the_client_proves_itself_and_names_its_scope(endpoint: TokenEndpoint, clock: Clock) -> None:
    endpoint.answers(200, access_token="t.1", expires_in=100)
    assert credentials(endpoint.url, clock, client_id="a:b", scope="kafka").token() == "t.1"
    (asked,) = endpoint.asked
    name = base64.b64decode(asked.authorization.removeprefix("Basic ")).decode()
    assert name == f"a%3Ab:{SECRET.replace(' ', '%20')}"
    assert asked.form == {"grant_type": ["client_credentials"], "scope": ["kafka"]}


def test_a_token_is_fetched_anew_after_four_fifths_of_its_life(endpoint: TokenEndpoint, clock: Clock) -> None:
    tokens = credentials(endpoint.url, clock)
    endpoint.answers(200, access_token="first", expires_in=100)
    assert tokens.token() == "first"
    endpoint.answers(200, access_token="second", expires_in=100)
    clock.seconds += 79.9
    assert tokens.token() == "first"
    clock.seconds += 0.1
    assert tokens.token() == "second"
    assert len(endpoint.asked) == 2


def test_a_token_that_is_still_good_outlives_its_endpoint(endpoint: TokenEndpoint, clock: Clock) -> None:
    tokens = credentials(endpoint.url, clock)
    endpoint.answers(200, access_token="first", expires_in=100)
    tokens.token()
    endpoint.answers(503)
    clock.seconds += 99
    assert tokens.token() == "first"
    clock.seconds += 1
    with pytest.raises(Unavailable, match="503"):
        tokens.token()


@pytest.mark.parametrize(
    ("status", "answer", "error", "said"),
    [
        (401, {"error": "invalid_client"}, SettingsError, "client desk no token: 401 invalid_client; check"),
        (400, {"error": "invalid_scope"}, SettingsError, "400 invalid_scope; check kafka.security"),
        (403, {}, SettingsError, "gave client desk no token: 403; check"),
        (401, {"error": SECRET}, SettingsError, "gave client desk no token: 401; check"),
        (500, {}, Unavailable, "gave no token: 500; expected a token: check that it runs"),
        (404, {}, Unavailable, "gave no token: 404; expected a token"),
        (200, {"expires_in": 3}, Unavailable, "did not answer with a token; expected JSON"),
        (200, {"access_token": "a\x01b", "expires_in": 3}, Unavailable, "did not answer with a token"),
        (200, {"access_token": "a", "expires_in": 0}, Unavailable, "did not answer with a token"),
        (200, {"access_token": "a", "expires_in": "soon"}, Unavailable, "did not answer with a token"),
    ],
)  # fmt: skip
def test_a_refused_client_is_told_to_stop_and_any_other_failure_to_wait(
    endpoint: TokenEndpoint,
    clock: Clock,
    status: int,
    answer: dict[str, Any],
    error: type[Exception],
    said: str,
) -> None:
    endpoint.answers(status, **answer, description=f"not {SECRET}")
    with pytest.raises(error) as caught:
        credentials(endpoint.url, clock).token()
    assert said in str(caught.value)
    assert SECRET not in str(caught.value)


def test_the_secret_is_not_sent_where_the_endpoint_points_to(endpoint: TokenEndpoint, clock: Clock) -> None:
    with TokenEndpoint() as elsewhere:
        elsewhere.answers(200, access_token="t", expires_in=100)
        endpoint.answers(302)
        endpoint.location = elsewhere.url
        with pytest.raises(Unavailable, match="gave no token: 302"):
            credentials(endpoint.url, clock).token()
    assert elsewhere.asked == []


def test_a_token_without_a_life_is_kept_for_a_minute(endpoint: TokenEndpoint, clock: Clock) -> None:
    tokens = credentials(endpoint.url, clock)
    endpoint.answers(200, access_token="first")
    for _ in range(2):
        tokens.token()
        clock.seconds += 60
    assert len(endpoint.asked) == 2


def test_an_endpoint_that_is_down_or_silent_is_unavailable(endpoint: TokenEndpoint, clock: Clock) -> None:
    with pytest.raises(Unavailable, match=r"http://127.0.0.1:1/ gave no token: .*refused"):
        credentials("http://127.0.0.1:1/", clock).token()
    endpoint.answers(200)
    with endpoint.silent(), pytest.raises(Unavailable, match=r"answer completely within 0\.1 seconds"):
        credentials(endpoint.url, clock, timeout_seconds=0.1).token()


@pytest.mark.slow
@pytest.mark.attack
@pytest.mark.parametrize(
    "trouble", ["slow bytes", "slow headers", "a slow size of a chunk", "a slow trailer"]
)
@pytest.mark.parametrize("status", [200, 401])
def test_an_endpoint_that_drips_is_unavailable_when_its_time_is_over(
    clock: Clock, trouble: str, status: int
) -> None:
    """The heartbeats of the Kafka client wait meanwhile: without a limit the stub would drip for ever."""
    with Stub() as stub:
        drip = TROUBLES[trouble][0](stub)
        stub.trouble = drip if status == 200 else slow_refusal(stub)
        with pytest.raises(Unavailable, match="did not answer completely"):
            credentials(stub.url, clock, timeout_seconds=0.3).token()


def slow_refusal(stub: Stub) -> Trouble:
    """401, with an explanation that never ends."""
    return raw_drip(stub, b"HTTP/1.1 401 Unauthorized\r\n\r\n", b" ")


@pytest.mark.attack
def test_a_token_that_claims_to_live_for_ever_is_fetched_anew_after_a_day(
    endpoint: TokenEndpoint, clock: Clock
) -> None:
    tokens = credentials(endpoint.url, clock)
    for token in ("first", "second"):
        endpoint.answers(200, access_token=token, expires_in=1e300)
        assert tokens.token() == token
        clock.seconds += 24 * 3600


@pytest.mark.attack
def test_an_error_nobody_thought_of_is_an_endpoint_that_gives_no_token(
    endpoint: TokenEndpoint, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_: object) -> None:
        raise ZeroDivisionError(SECRET)

    endpoint.answers(200, access_token="t", expires_in=100)
    monkeypatch.setattr("brentwatch.stream.clients.credentials.json.loads", fails)
    with pytest.raises(Unavailable, match="gave no token: unexpected ZeroDivisionError") as caught:
        credentials(endpoint.url, clock).token()
    assert SECRET not in str(caught.value)


def test_a_token_file_is_read_at_each_use(tmp_path: Path) -> None:
    path = tmp_path / "token"
    tokens = TokenFile(str(path))
    for token in ("first", "second"):
        path.write_text(f"{token}\n")
        assert tokens.token() == token
    path.write_text("\n")
    with pytest.raises(SettingsError, match=r"kafka.security.token_file is .*/token, which is empty"):
        tokens.token()
    path.unlink()
    with pytest.raises(SettingsError, match=r"token_file is .*, which cannot be read: No such file"):
        tokens.token()


def test_bytes_that_are_no_text_are_not_quoted(tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_bytes(b"\xff" + json.dumps(SECRET).encode())
    with pytest.raises(SettingsError, match="not text in UTF-8") as caught:
        TokenFile(str(path)).token()
    assert caught.value.__cause__ is None
