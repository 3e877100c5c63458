"""Runs a command and prints its seconds, peak memory and exit code as JSON; the command's own output goes to a file.

A process of its own because Linux counts, in the peak of a program, the memory of whoever started it: a benchmark that
holds gigabytes would lend them to what it measures. This one holds nothing.

    python launch.py OUTPUT COMMAND [ARGUMENT …]
"""

import json
import os
import sys
import time


def main() -> None:
    output, *command = sys.argv[1:]
    opened = [
        (os.POSIX_SPAWN_OPEN, 1, output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600),
        (os.POSIX_SPAWN_DUP2, 1, 2),
    ]
    started = time.perf_counter()
    child = os.posix_spawnp(command[0], command, os.environ, file_actions=opened)
    _, status, usage = os.wait4(child, 0)
    seconds = time.perf_counter() - started
    found = {
        "seconds": seconds,
        "cpu_seconds": usage.ru_utime + usage.ru_stime,
        "peak_bytes": usage.ru_maxrss * 1024,
        "code": os.waitstatus_to_exitcode(status),
    }
    print(json.dumps(found))


if __name__ == "__main__":
    main()
