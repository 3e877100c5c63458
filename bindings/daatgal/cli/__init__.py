"""The command line: `daatgal`.

In: arguments. Out: an exit code (0 done, 1 failed, 2 usage, 3 held), results in files, a summary on stdout, progress
and errors on stderr. Nothing heavy is imported before a command runs, so that `daatgal --help` answers at once. No
kernel lives here.
"""

import atexit
import os
import sys


def main() -> None:
    """Run the command that the arguments name; the entry point of the program `daatgal`."""
    # Arrow's threads, still ending while the process takes its libraries down, now and then abort it (Arrow issue
    # 34314), and a night that is whole would report a failure. What is registered first is done last: leave at once.
    status = [1]
    atexit.register(_leave, status)
    from daatgal.cli.app import app
    from daatgal.kernel_cache import choose_cache_folder

    choose_cache_folder()
    try:
        app()
    except SystemExit as ending:
        status[0] = ending.code if isinstance(ending.code, int) else int(ending.code is not None)
        raise


def _leave(status: list[int]) -> None:
    """End the process with its exit code and nothing more."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status[0])
