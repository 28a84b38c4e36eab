"""Passes on what the libraries under the bridge log, in Terraform's format; plain lines on stderr would be noise."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from natgw_provider.bridge.log import Log

_LIBRARIES: Final = ("asyncio", "grpclib")


class _Forward(logging.Handler):
    def __init__(self, log: Log) -> None:
        super().__init__()
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        write = self._log.warn if record.levelno >= logging.WARNING else self._log.debug
        write(self.format(record), logger=record.name)


def forward_library_logs(log: Log) -> None:
    """Send the warnings and errors of the event loop and of gRPC to `log`, at level warn."""
    for name in _LIBRARIES:
        logger = logging.getLogger(name)
        logger.handlers = [_Forward(log)]
        logger.setLevel(logging.WARNING)
        logger.propagate = False
