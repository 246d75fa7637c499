"""A child process ends with its parent: when its standard input ends, whenever that was."""

from __future__ import annotations

import subprocess
import sys

import pytest

from brentwatch.commands.process import ExitCode

pytestmark = pytest.mark.slow

WAITS = """
from brentwatch.commands.process import end_with_parent
from brentwatch.commands.process import wish_to_stop

with wish_to_stop() as wish:
    end_with_parent()
    print("begun", flush=True)
    wish.stop.wait()
print("finished its batch", flush=True)
raise SystemExit(wish.exit_code)
"""

HANGS = """
import threading
from brentwatch.commands.process import end_with_parent
from brentwatch.commands.process import wish_to_stop

with wish_to_stop():
    end_with_parent(patience_seconds=0.1)
    print("begun", flush=True)
    while True:
        threading.Event().wait()
"""

PARENT = """
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", sys.argv[1]], stdin=subprocess.PIPE)
child.wait()
"""


@pytest.mark.parametrize("program", [WAITS, HANGS], ids=["waits", "hangs"])
def test_a_child_ends_when_its_parent_lets_go(program: str) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        assert child.stdout.readline() == "begun\n"
        child.stdin.close()
        try:
            assert child.wait(60) == ExitCode.TERMINATED
        finally:
            child.kill()  # else a child that does not end would hold up the test for ever
        assert child.stdout.read() == ("finished its batch\n" if program == WAITS else "")


@pytest.mark.parametrize("program", [WAITS, HANGS], ids=["waits", "hangs"])
def test_a_child_ends_when_its_parent_is_killed(program: str) -> None:
    """The output is inherited, so that it ends only when the last process has ended."""
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, program], stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == "begun\n"
        parent.kill()
        parent.communicate(timeout=60)


@pytest.mark.parametrize("redirected", ["</dev/null", "<&-"])
def test_a_child_whose_parent_was_gone_before_it_began_ends(redirected: str) -> None:
    done = subprocess.run(
        ["/bin/sh", "-c", f'exec "$0" -c "$1" {redirected}', sys.executable, WAITS], timeout=60, check=False
    )

    assert done.returncode == ExitCode.TERMINATED
