"""The resource `aws_nat_gateway`, as far as an id and a lifecycle go."""

from __future__ import annotations

from typing import Any

import cdktf
from constructs import Construct


class NatGateway(cdktf.TerraformResource):
    def __init__(
        self,
        scope: Construct,
        name: str,
        *,
        connectivity_type: str,
        subnet_id: str,
        lifecycle: cdktf.TerraformResourceLifecycle,
    ) -> None:
        self._given = {"connectivity_type": connectivity_type, "subnet_id": subnet_id}
        metadata = cdktf.TerraformProviderGeneratorMetadata(provider_name="aws")
        super().__init__(
            scope,
            name,
            terraform_resource_type="aws_nat_gateway",
            terraform_generator_metadata=metadata,
            lifecycle=lifecycle,
        )

    @property
    def id(self) -> str:
        return self.get_string_attribute("id")

    def _synthesize_attributes(self) -> dict[str, Any]:
        return self._given
