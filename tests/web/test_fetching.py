"""One request, limited in time and bytes; what an answer means, and no error that tells a secret."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from tests.web.stub import Answer, Asked, Stub
from tests.web.troubles import TROUBLES

from brentwatch.web.failures import NoAnswer, Reason
from brentwatch.web.fetching import Fetcher
from brentwatch.web.statuses import describe_status, parse_retry_after

NOW = datetime(2024, 5, 7, 12, 20, tzinfo=UTC)
SECRET = "open-sesame"


class Shouting(Stub):
    """Answers with what it was asked."""

    def routes(self, asked: Asked) -> Answer:
        return Answer(f"{asked.path} {asked.query.get('key')} {asked.form.get('key')}".encode())


def failed(fetcher: Fetcher, url: str) -> NoAnswer:
    with pytest.raises(NoAnswer) as caught:
        fetcher.get(f"{url}?key={SECRET}")
    assert SECRET not in str(caught.value)
    return caught.value


def test_an_answer_is_given_whole_and_its_coming_is_progress() -> None:
    beats: list[None] = []
    with Shouting() as stub:
        fetcher = Fetcher(20.0, beat=lambda: beats.append(None))
        assert fetcher.get(f"{stub.url}/a?key=b") == b"/a b None"
        assert fetcher.post_form(f"{stub.url}/a", {"key": "c"}) == b"/a None c"
    assert len(beats) == 2


@pytest.mark.slow
@pytest.mark.parametrize("trouble", TROUBLES)
def test_every_trouble_has_its_reason(trouble: str) -> None:
    make, reason = TROUBLES[trouble]
    with Shouting() as stub:
        stub.trouble = make(stub)
        if reason is Reason.GARBLED:  # that is for who reads it
            assert not Fetcher(20.0).get(stub.url).startswith(b"/")
        else:
            assert failed(Fetcher(0.4), stub.url).reason is reason


def test_more_bytes_than_are_taken_are_not_read_to_their_end() -> None:
    with Shouting() as stub:
        assert failed(Fetcher(20.0, largest_bytes=5), f"{stub.url}/long").reason is Reason.TOO_LARGE


def test_nobody_there_and_no_address_at_all_tell_no_secret() -> None:
    assert failed(Fetcher(20.0), "http://127.0.0.1:1/").reason is Reason.UNREACHABLE
    assert failed(Fetcher(20.0), "http://127.0.0.1:1/a b").reason is Reason.UNREACHABLE


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (401, Reason.REFUSED), (403, Reason.REFUSED), (404, Reason.MISSING), (410, Reason.MISSING),
        (429, Reason.THROTTLED), (302, Reason.REDIRECTED), (400, Reason.FAILED), (502, Reason.FAILED),
    ],
)  # fmt: skip
def test_a_status_means_what_is_to_be_done(status: int, reason: Reason) -> None:
    error = describe_status("http://host/path", status, "90")
    assert (error.reason, error.retry_after) == (reason, 90)
    assert f"http://host/path answers {status} and asks to wait 90 seconds; " in str(error)


@pytest.mark.parametrize(
    ("told", "seconds"),
    [
        ("7", 7.0),
        (" 120 ", 120.0),
        (format_datetime(NOW + timedelta(minutes=2), usegmt=True), 120.0),
        (format_datetime(NOW - timedelta(minutes=2), usegmt=True), 0.0),
        ("99999999", 24 * 3600.0),
        ("soon", None),
        ("9" * 5_000, 24 * 3600.0),
        ("1e400", None),
        ("NaN", None),
        ("\u0663", None),
        ("Mon, 1 Jan 99999999999999 00:00:00 GMT", None),
        ("Mon, 01 Jan 2024 00:00:00 +99999999999999", None),
        ("Fri, 31 Dec 9999 23:59:59 -2359", 24 * 3600.0),
        ("Mon, 01 Jan 0001 00:00:00 +2359", 0.0),
        ("Mon, 01 Jan 2024 00:00:00", None),
        ("," * 60_000, None),
        ("-1", None),
        ("", None),
        (None, None),
    ],
)
def test_retry_after_is_a_number_or_a_date_and_no_more_than_a_day(
    told: str | None, seconds: float | None
) -> None:
    assert parse_retry_after(told, NOW) == seconds
