"""`python -m tests.fuzz --minutes 30 --seed 7` looks for inputs that end a reader with a foreign error."""

from __future__ import annotations

import argparse
import faulthandler
import sys
import time

from tests.fuzz.running import Found, attempt, trials

_LONGEST_SECONDS = 20


def main() -> int:
    """Try inputs until the time is up; gives 1 where something was found."""
    words = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    words.add_argument("--minutes", type=float, default=10.0)
    words.add_argument("--seed", type=int, default=1)
    words.add_argument("--only", default="", help="readers whose name contains this")
    given = words.parse_args()
    found: dict[str, Found] = {}
    end, tried = time.monotonic() + 60 * given.minutes, 0
    for reader, data in trials(10**9, given.seed):
        if time.monotonic() > end:
            break
        if given.only not in reader.name:
            continue
        tried += 1
        faulthandler.dump_traceback_later(_LONGEST_SECONDS, exit=True)  # an endless loop is a fault as well
        wrong = attempt(reader, data)
        faulthandler.cancel_dump_traceback_later()
        if wrong is not None and wrong.place not in found:
            found[wrong.place] = wrong
            print(f"{wrong.place}\n  input: {data[:2_000]!r}\n{wrong.trace}", flush=True)  # noqa: T201
    print(f"{tried:,} inputs of seed {given.seed}, {len(found)} faults")  # noqa: T201
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
