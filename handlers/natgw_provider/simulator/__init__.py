"""EC2 with private NAT gateways, simulated: for the demo, for tests, and for rehearsing a change.

`Simulator` is a real HTTP endpoint on moto; `NatGatewayModel` is the lifecycle alone, without moto and sockets. The
layers, each importing only what stands before it: lifecycle, history, model (pure) < operations < moto_surroundings,
endpoint < http_server, in_process, control < simulator.
"""
