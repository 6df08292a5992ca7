"""`python -m tests.torture.later SECONDS …` is nhachan by a clock that is so far ahead of the machine's.

Processes that start one after the other then have one time, as they have on machines that keep it.
"""

import sys
from datetime import timedelta

from bot.cli import frame, main

if __name__ == "__main__":
    ahead, real = timedelta(seconds=float(sys.argv.pop(1))), frame.clock
    frame.clock = lambda: real() + ahead
    main()
