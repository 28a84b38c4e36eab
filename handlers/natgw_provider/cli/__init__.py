"""The command `natgw`: one module for each subcommand, found and run by `main`."""

from __future__ import annotations


class CommandError(Exception):
    """A subcommand cannot go on. The message is for the user, and the process ends with `exit_code`."""

    def __init__(self, message: str, exit_code: int = 1) -> None:
        super().__init__(message)
        self.exit_code = exit_code
