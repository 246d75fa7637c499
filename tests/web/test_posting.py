"""What is sent arrives as it is, within limits, and no failure tells what was sent or where to."""

from __future__ import annotations

import pytest
from tests.web.stub import Answer, Asked, Stub
from tests.web.troubles import TROUBLES

from brentwatch.web.failures import NoAnswer, Reason
from brentwatch.web.fetching import LARGEST_REPLY, Fetcher, Reply

SECRET = "open-sesame"
JSON = {"Content-Type": "application/json"}
DOCUMENT = b'{"text": "Brent \\u2191",  "key": "open-sesame"}'


class Receiver(Stub):
    """Takes whatever comes, with an answer of its own."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.answer = answer

    def routes(self, asked: Asked) -> Answer:
        return self.answer


def failed(fetcher: Fetcher, url: str) -> NoAnswer:
    with pytest.raises(NoAnswer) as caught:
        fetcher.send("POST", f"{url}/{SECRET}?token={SECRET}", DOCUMENT, {"Authorization": SECRET})
    assert SECRET not in f"{caught.value!r} {caught.value} {caught.value.explained}"
    return caught.value


@pytest.mark.parametrize("status", [200, 202])
def test_a_document_is_posted_byte_for_byte_with_its_headers(status: int) -> None:
    with Receiver(Answer(b"ok", status)) as stub:
        fetcher = Fetcher(20.0)
        headers = {"webhook-id": "msg_1", "Authorization": "Bearer b", "Content-Type": "application/x+json"}
        assert fetcher.send("POST", f"{stub.url}/a", DOCUMENT, JSON) == Reply(status, b"ok")
        fetcher.send("POST", f"{stub.url}/a?b=c", DOCUMENT, headers)
    plain, own = stub.asked
    assert (plain.target, plain.body, plain.headers["Content-Type"]) == ("/a", DOCUMENT, "application/json")
    assert (own.target, own.body) == ("/a?b=c", DOCUMENT)
    sent = {name.lower(): value for name, value in own.headers.items()}
    assert {name.lower(): value for name, value in headers.items()}.items() <= sent.items()


BROKEN_BODIES = (
    "HTML", "nothing", "cut off", "slow bytes", "a slow size of a chunk", "a slow chunk", "a slow trailer",
    "a body that hangs",
)  # fmt: skip


@pytest.mark.slow
@pytest.mark.attack
@pytest.mark.parametrize("trouble", TROUBLES)
def test_every_trouble_of_a_receiver_has_its_reason_and_tells_no_secret(trouble: str) -> None:
    """A status of success means that the request was taken, whatever comes of the body."""
    make, reason = TROUBLES[trouble]
    with Receiver(Answer(b"ok")) as stub:
        stub.trouble = make(stub)
        if trouble in BROKEN_BODIES:
            assert Fetcher(0.4).send("POST", stub.url, DOCUMENT).status == 200
        else:
            assert failed(Fetcher(0.4), stub.url).reason is reason


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_any_method_is_sent_and_replied_to(method: str) -> None:
    with Receiver(Answer(b"ok", 201, {"Retry-After": "3"})) as stub:
        assert Fetcher(20.0).send(method, f"{stub.url}/a", b"\x00\xff") == Reply(201, b"ok", 3.0)
    (asked,) = stub.asked
    assert (asked.method, asked.target, asked.body) == (method, "/a", b"\x00\xff")


@pytest.mark.parametrize(("status", "reason"), [(429, Reason.THROTTLED), (503, Reason.FAILED)])
def test_a_receiver_that_wishes_to_be_left_alone_says_for_how_long(status: int, reason: Reason) -> None:
    with Receiver(Answer(b"later", status, {"Retry-After": "7"})) as stub:
        error = failed(Fetcher(20.0), stub.url)
    assert (error.reason, error.status, error.retry_after) == (reason, status, 7.0)


def test_what_a_receiver_explains_is_read_by_its_reader() -> None:
    with Receiver(Answer(b"invalid_blocks: 3", 400)) as stub:
        error = failed(Fetcher(20.0, explain=lambda text: text.decode().partition(":")[0]), stub.url)
    assert (error.reason, error.status, error.explained) == (Reason.FAILED, 400, "invalid_blocks")


@pytest.mark.attack
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_document_follows_no_redirection(status: int) -> None:
    with Receiver(Answer(b"ok")) as elsewhere:
        with Receiver(Answer(b"", status, {"Location": f"{elsewhere.url}/taken"})) as stub:
            assert failed(Fetcher(20.0), stub.url).reason is Reason.REDIRECTED
        assert elsewhere.asked == []


@pytest.mark.attack
def test_a_long_reply_is_taken_and_read_to_4_kb() -> None:
    with Receiver(Answer(b"12345678" * 131_072)) as stub:
        reply = Fetcher(20.0).send("POST", stub.url, DOCUMENT)
    assert (reply.status, reply.body) == (200, b"12345678" * (LARGEST_REPLY // 8))


@pytest.mark.attack
def test_a_long_explanation_is_read_to_4_kb() -> None:
    with Receiver(Answer(b"x" * 1_000_000, 400)) as stub:
        error = failed(Fetcher(20.0, explain=lambda text: str(len(text))), stub.url)
    assert error.explained == "4096"


@pytest.mark.attack
@pytest.mark.parametrize("token", [f"{SECRET}\nsecond line", f"{SECRET}\u2191"])
def test_a_header_that_cannot_be_sent_is_not_quoted(token: str) -> None:
    with Receiver(Answer(b"ok")) as stub, pytest.raises(NoAnswer, match="HTTP does not allow") as caught:
        Fetcher(20.0).get(stub.url, {"Authorization": f"Bearer {token}"})
    assert SECRET not in str(caught.value)
    assert stub.asked == []
