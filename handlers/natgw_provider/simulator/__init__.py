"""EC2 with private NAT gateways, simulated: for the demo, for tests, and for rehearsing a change.

`simulator.Simulator` is a real HTTP endpoint on moto, usable without a socket too; `model.NatGatewayModel` is the
lifecycle alone, without moto. From the inside out, each importing only what stands before it: lifecycle, history,
model (pure); operations and faults (pure); wire, moto_surroundings, moto_identity, endpoint; http_server, in_process,
control; simulator. Nothing is imported here, so that who wants the model alone does not wait for moto.
"""
