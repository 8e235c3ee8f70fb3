"""Where the command line prints.

Belongs here: the one console. Belongs elsewhere: what is printed (the commands' own modules).
"""

import sys

from rich.console import Console

# Bound to the real stdout: while a job runs, what its tools print goes to a log file. Wide enough for the tables when
# nobody's terminal says how wide it is.
console = Console(highlight=False, file=sys.stdout, width=None if sys.stdout.isatty() else 150)
