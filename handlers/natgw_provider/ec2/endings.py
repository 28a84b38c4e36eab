"""The ways in which a change ends before it is complete. They unwind one change and never leave this layer."""

from __future__ import annotations

from natgw_provider.core.gateway import NatGateway
from natgw_provider.ec2.failures import Failure


class Ending(Exception):  # noqa: N818 - an ending is no error in the code
    """The change goes no further."""


class Stopped(Ending):
    """The user asked to stop."""


class TimedOut(Ending):
    """The change's time is over."""


class Gone(Ending):
    """The gateway is deleted, being deleted or failed; `gateway` is how it was last seen, if it was."""

    def __init__(self, gateway: NatGateway | None) -> None:
        super().__init__(gateway)
        self.gateway = gateway


class GivenUp(Ending):
    """Something stands against going on; `failure` says what, without saying how the gateway stands."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure)
        self.failure = failure
