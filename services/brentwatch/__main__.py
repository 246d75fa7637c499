"""`python -m brentwatch`: the command, which imports nothing else from the working folder."""

import sys

if not sys.flags.safe_path:
    del sys.path[0]  # the working folder: whoever can write there would run code as this user

from brentwatch.cli import main

sys.exit(main())
