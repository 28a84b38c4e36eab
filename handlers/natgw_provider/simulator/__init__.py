"""EC2 with NAT gateways, simulated on moto: for the demo, for tests, and for rehearsing a change.

`simulator.Simulator` is what Python code uses; `control` offers the same over HTTP. A request comes in through
`transport`, is read in `api_requests`, meets the `faults` in force, and is answered by `ec2` on the `model` (the NAT
gateways, whose life is in `lifecycle`) or by moto; `network` holds moto's VPCs, subnets, interfaces and Elastic IPs.
"""
