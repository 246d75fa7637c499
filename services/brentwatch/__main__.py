"""`python -m brentwatch`: the command."""

from __future__ import annotations

import sys

from brentwatch.cli import main

sys.exit(main())
