"""The benchmarks that need a broker, all on one; `make soak` runs the long one.

python -m benchmarks.stream [--short] [PART ...]
"""

from __future__ import annotations

import sys

from benchmarks.__main__ import SHORT, report
from benchmarks.stream.suite import PARTS, measured

if __name__ == "__main__":
    short = SHORT in sys.argv[1:]
    chosen = [word for word in sys.argv[1:] if word != SHORT] or list(PARTS)
    if unknown := [name for name in chosen if name not in PARTS]:
        sys.exit(f"not a part: {', '.join(unknown)}; expected one of {', '.join(PARTS)}")
    kept = [report(each, judged=not short) for each in measured(chosen, short=short)]
    sys.exit(0 if all(kept) else 1)
