"""A signal is a wish: it sets an event, and the exit code says which signal it was."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import pytest

from brentwatch.commands.process import STOPPING, ExitCode, wish_to_stop

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def _without_nohup() -> Iterator[None]:
    """The run of the tests itself may have been started by nohup."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (signal.SIGTERM, ExitCode.TERMINATED),
        (signal.SIGINT, ExitCode.INTERRUPTED),
        (signal.SIGHUP, 129),
        (signal.SIGQUIT, 131),
    ],
)
def test_a_signal_is_taken_as_a_wish(number: signal.Signals, code: ExitCode) -> None:
    with wish_to_stop() as wish:
        os.kill(os.getpid(), number)
        assert wish.stop.wait(60)
    assert wish.exit_code == code


def test_without_a_signal_nothing_is_wished() -> None:
    with wish_to_stop() as wish:
        assert not wish.stop.is_set()
    assert wish.exit_code == ExitCode.OK


def test_the_handlers_of_before_come_back() -> None:
    before = [signal.getsignal(number) for number in STOPPING]
    with wish_to_stop():
        assert all(signal.getsignal(number) != was for number, was in zip(STOPPING, before, strict=True))
    assert [signal.getsignal(number) for number in STOPPING] == before


def test_the_first_of_several_signals_decides_the_exit_code() -> None:
    with wish_to_stop() as wish:
        signal.raise_signal(signal.SIGHUP)
        signal.raise_signal(signal.SIGTERM)
    assert wish.exit_code == 129


def test_a_hangup_that_nohup_ignores_stays_ignored() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with wish_to_stop() as wish:
            signal.raise_signal(signal.SIGHUP)
        assert not wish.stop.is_set()
    finally:
        signal.signal(signal.SIGHUP, before)
