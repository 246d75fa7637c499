"""A connection is broken off when the time is over, or when nothing has come for too long."""

from __future__ import annotations

import socket

import pytest

from brentwatch.web.limits import Limit


@pytest.mark.attack
@pytest.mark.parametrize(("seconds", "silence"), [(0.1, 60.0), (60.0, 0.1)])
def test_a_read_that_waits_ends_when_the_time_is_over_or_nothing_has_come(
    seconds: float, silence: float
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, Limit(seconds, silence) as limit:
        made = limit.connect(server.getsockname())
        made.settimeout(None)
        assert made.recv(1) == b""
        with pytest.raises(TimeoutError):
            limit.check()
        made.close()


@pytest.mark.attack
def test_no_connection_is_made_once_the_time_is_over() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, Limit(0.0) as limit, pytest.raises(TimeoutError):
        limit.connect(server.getsockname())


def test_the_next_address_of_a_name_is_tried_where_one_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, Limit(20.0) as limit:
        places = [("127.0.0.1", 1), server.getsockname()]
        found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", place) for place in places]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
        made = limit.connect(("example.org", 80))
        assert made.getpeername() == server.getsockname()
        made.close()
