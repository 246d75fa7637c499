"""The benchmarks that need a broker, all on one; `make soak` runs the long one.

python -m benchmarks.stream [PART ...]
"""

from __future__ import annotations

import sys

from benchmarks.__main__ import report
from benchmarks.stream.suite import PARTS, measured

if __name__ == "__main__":
    chosen = sys.argv[1:] or list(PARTS)
    if unknown := [name for name in chosen if name not in PARTS]:
        sys.exit(f"not a part: {', '.join(unknown)}; there are {', '.join(PARTS)}")
    kept = [report(measurement) for measurement in measured(chosen)]
    sys.exit(0 if all(kept) else 1)
