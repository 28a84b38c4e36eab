"""One way in for many simulators, for tests that make a fresh one for every example.

Making a boto3 client takes a hundred times as long as making a simulator. A `Stage` lets one client, session or HTTP
server live for a whole run and talk to whatever simulator is on it at the moment:

    stage = Stage()
    serve_in_process(stage.handle, session)     # once: every client of a botocore session, without a socket
    stage.simulator = Simulator(clock=ManualClock())     # for every example
"""

from __future__ import annotations

from moto.core.request import Request
from werkzeug.wrappers import Response

from natgw_provider.simulator.simulator import Simulator


class Stage:
    """Whatever simulator is being tested now."""

    simulator: Simulator

    def handle(self, request: Request) -> Response:
        return self.simulator.handle(request)
