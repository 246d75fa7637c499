"""The classical engine compared with the package `eventstudy` on the same work: market model, 120 / 16.

The peer runs in an environment of its own under `.cache/`, pinned exactly, because it has only pre-releases.
It is only timed: brentwatch does not import it and has no code from it.
"""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from benchmarks.engine import rate_with_p
from benchmarks.measurement import AtLeast, Measurement, Reference

if TYPE_CHECKING:
    from collections.abc import Iterator

PEER = "eventstudy==0.1a12"
ENVIRONMENT = Path(__file__).parents[1] / ".cache" / "peer-eventstudy"
SCRIPT = """
import sys, time
import numpy as np
from eventstudy import Single
from eventstudy.models import market_model
random = np.random.default_rng(1)
events = [random.standard_normal((2, 136)) * 0.02 for _ in range(300)]
def study():
    for brent, market in events:
        data = {"security_returns": brent, "market_returns": market}
        Single(market_model, data, event_window=(-5, 10), estimation_size=120, buffer_size=0)
study()
seconds = []
for _ in range(5):
    began = time.process_time()
    study()
    seconds.append(time.process_time() - began)
print(len(events) / sorted(seconds)[2])
"""


def measure(*, short: bool = False) -> Iterator[Measurement]:
    """Events a second with AR, CAR, t and p, ours and theirs; nothing if the peer cannot be downloaded.

    A short run downloads nothing: without its environment the peer is left out.
    """
    if short and not _python().exists():
        print(f"not timed: {PEER} is not set up, and a short run downloads nothing", file=sys.stderr)
        return
    try:
        theirs = _theirs()
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"not timed: {PEER} could not be set up or run ({error})", file=sys.stderr)
        return
    yield Measurement("market model with p", rate_with_p(), "events/s", AtLeast(20, Reference(PEER, theirs)))


def _python() -> Path:
    return ENVIRONMENT / "bin" / "python"


def _theirs() -> float:
    python = _python()
    if not python.exists():
        venv.create(ENVIRONMENT, with_pip=True)
        pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", PEER]
        subprocess.run(pip, check=True, timeout=600)
    command = [str(python), "-W", "ignore", "-c", SCRIPT]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=600)
    return float(np.float64(done.stdout.strip()))
