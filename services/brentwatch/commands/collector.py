"""The collector of cycles, told what a service is like: much that lives long, and next to no cycles.

The state of a fold is a tree, and what goes out of it is freed at once, without the collector. Left as it is,
the collector looks through young objects every 700, and through all of them each time a quarter more have
come: a quarter of the time of a monitor in a flood of events.
"""

from __future__ import annotations

import gc

SELDOM = (50_000, 20, 10)
"""Young objects until the youngest are looked through; how often that happens until older ones are."""


def adjust_collector() -> None:
    """Leave alone for good what is there by now, modules above all, and look through what comes seldom."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*SELDOM)
