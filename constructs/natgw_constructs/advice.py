"""What is allowed and still worth a word at synthesis; becomes annotations.

A warning must name something that the user would otherwise learn from a failed plan or a blocked apply.
"""

from __future__ import annotations

from collections.abc import Iterator

from natgw_constructs.bindings import Binding
from natgw_provider.core import limits, names


def advice_on(resource: Binding) -> Iterator[str]:
    """Yield a sentence or two for everything worth it. Tokens are not judged."""
    addresses = resource.known_value(names.ADDRESSES, ())
    count = resource.known_value(names.ADDRESS_COUNT, 0)
    needed = 1 + max(len(addresses or ()), count or 0)
    if needed > limits.QUOTA_DEFAULT:
        yield (
            f"{needed} addresses with the primary are more than AWS's default quota of {limits.QUOTA_DEFAULT} for a "
            f"private NAT gateway (L-DFA99DE7): have it raised, and set private_ip_address_quota = {needed} or more in "
            "the provider block."
        )
    if resource.known_value(names.WAIT_FOR_DRAIN, True) is False:
        yield (
            f"With {names.WAIT_FOR_DRAIN} = false apply returns while addresses still drain. AWS refuses every other "
            "change of the gateway until the drain has ended, and the next apply begins by waiting for that."
        )
