"""A role's credentials live shorter than a long drain: they are renewed on the way."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from natgw_provider.aws.client import role_credentials
from natgw_provider.aws.settings import AssumeRole


class NumberingSts:
    """Hands out credentials with a number, valid for `seconds`."""

    def __init__(self, seconds: float) -> None:
        self._life = timedelta(seconds=seconds)
        self._numbers = count(1)

    def assume_role(self, **_parameters: Any) -> dict[str, Any]:
        number = next(self._numbers)
        keys = {"AccessKeyId": f"key {number}", "SecretAccessKey": "secret", "SessionToken": "token"}
        credentials = {**keys, "Expiration": datetime.now(UTC) + self._life}
        return {"Credentials": credentials, "ResponseMetadata": {"RequestId": "r-1"}}


def keys_of_two_calls(seconds: float) -> list[str]:
    credentials = role_credentials(NumberingSts(seconds), AssumeRole(role_arn="arn:aws:iam::123456789012:role/deploy"))
    return [credentials.get_frozen_credentials().access_key for _ in range(2)]


def test_a_roles_credentials_that_end_within_two_minutes_are_renewed_before_the_next_call() -> None:
    assert keys_of_two_calls(110) == ["key 1", "key 2"]


def test_a_roles_credentials_that_last_are_used_again() -> None:
    assert keys_of_two_calls(900) == ["key 1", "key 1"]
