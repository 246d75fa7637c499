"""`python -m brentwatch`: the command, which imports nothing else from the working folder."""

import sys

if not sys.flags.safe_path:
    del sys.path[0]  # the working folder: a file that someone else puts there would run as this user

from brentwatch.cli import main

sys.exit(main())
