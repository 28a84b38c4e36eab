"""Whether a request never left: only then may a call that changes something be repeated without a look.

botocore calls every failure on a connection through a proxy a ProxyConnectionError once that connection is closed, and
losing the answer closes it. What lies beneath tells the two apart; without a proof the request counts as sent.
"""

from __future__ import annotations

import socket
import ssl
from typing import Final

from botocore import exceptions as botocore_exceptions
from urllib3 import exceptions as urllib3_exceptions

_NO_CONNECTION: Final = (botocore_exceptions.EndpointConnectionError, botocore_exceptions.ConnectTimeoutError)
"""botocore makes them of what urllib3 raises while it connects, and of nothing that it raises later."""

_NO_WAY_TO_THE_PROXY: Final = (
    urllib3_exceptions.NewConnectionError,
    urllib3_exceptions.ConnectTimeoutError,
    socket.gaierror,
    ssl.SSLCertVerificationError,
)
_TUNNEL_REFUSED: Final = "Tunnel connection failed"
"""How http.client begins what it raises when the proxy refuses CONNECT; the kind alone, OSError, says nothing."""


def never_sent(error: BaseException) -> bool:
    """Return whether `error`, from botocore, proves that there was no connection for the request to leave on."""
    if isinstance(error, botocore_exceptions.ProxyConnectionError):
        return _is_proof(innermost(error))
    return isinstance(error, _NO_CONNECTION)


def innermost(error: BaseException) -> BaseException:
    """Return what botocore and urllib3 wrapped into `error`, or `error` itself.

    Python's own chain is no guide: an error that is raised while another one is handled has that one as its context.
    """
    while (inner := _wrapped(error)) is not None:
        error = inner
    return error


def is_refused_tunnel(beneath: BaseException) -> bool:
    """Return whether a proxy refused CONNECT; the text quotes its status line."""
    return isinstance(beneath, OSError) and str(beneath).startswith(_TUNNEL_REFUSED)


def _wrapped(error: BaseException) -> BaseException | None:
    if isinstance(error, botocore_exceptions.BotoCoreError):
        inner = error.kwargs.get("error")
    elif isinstance(error, urllib3_exceptions.ProxyError):
        inner = error.original_error
    elif isinstance(error, urllib3_exceptions.SSLError | urllib3_exceptions.ProtocolError):
        inner = error.args[-1] if error.args else None
    else:
        inner = None
    return inner if isinstance(inner, BaseException) else None


def _is_proof(beneath: BaseException) -> bool:
    return isinstance(beneath, _NO_WAY_TO_THE_PROXY) or is_refused_tunnel(beneath)
