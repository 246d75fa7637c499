"""The number of the rules by which the fold decides: each change of what a timeline leads to raises it."""

from __future__ import annotations

RULES = 4
"""1: before the rules had a number.

2: a bare date counts for the session of that date and the next one, and opens no test within a session; a
return that spans missing sessions is tested against the forecast of their sum, and teaches no model; bars
that come once more as warm-up take no test away; the roll is the rule that the series names; GARCH is fitted
on returns divided by their standard deviation.

3: the events of a session are listed by relevance, at most two of one feed, class and country.

4: of a series with a roll rule the first two returns after an expiry are no verdict and enter no fit, and a
window that holds one is refused; a new price of the first session after an expiry is a roll correction, and
nothing is tested again.

What was decided by a lower number stands: the monitor goes on from it by these rules. `brentwatch run monitor
--rebuild` and `brentwatch replay --from-kafka` decide the whole timeline by them.
"""
