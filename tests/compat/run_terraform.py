"""`terraform` from a shared library: LIBRARY ARGUMENT... behaves as the executable of that version would.

It runs in a Python process of its own that does nothing else, so that the working folder, the environment, the process
group and the standard streams are what the caller gave, and the provider is a child of this process. Signals stay
Terraform's: Python's own handling is taken back before the library is loaded and sets up its own.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys


def main(library: str, arguments: list[str]) -> int:
    """Run one command to its end and return its exit code."""
    for number in (signal.SIGINT, signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(number, signal.SIG_DFL)
    run_cli = ctypes.CDLL(library).RunCli
    words = [os.fsencode(argument) for argument in arguments]
    # The library closes the two streams that it is given.
    exit_code: int = run_cli(len(words), (ctypes.c_char_p * len(words))(*words), os.dup(1), os.dup(2))
    return exit_code


if __name__ == "__main__":
    # Python has nothing to clean up, and Go's threads are not waited for by a real executable either.
    os._exit(main(sys.argv[1], sys.argv[2:]))
