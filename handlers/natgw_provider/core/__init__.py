"""The pure core: address rules, the gateway as observed, the diff, the change plan and its capacity.

Nothing here does I/O, reads a clock, logs or knows of Terraform, boto3 or CDKTF: every function is a function of its
arguments. Constructs, provider, review and the simulator's tests take each rule from here, where it stands once.
"""
