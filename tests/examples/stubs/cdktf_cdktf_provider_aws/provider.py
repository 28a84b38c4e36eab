"""The provider block."""

from __future__ import annotations

from typing import Any

import cdktf
from constructs import Construct


class AwsProvider(cdktf.TerraformProvider):
    def __init__(self, scope: Construct, name: str, *, region: str) -> None:
        self._region = region
        metadata = cdktf.TerraformProviderGeneratorMetadata(provider_name="aws")
        super().__init__(
            scope,
            name,
            terraform_resource_type="aws",
            terraform_provider_source="aws",
            terraform_generator_metadata=metadata,
        )

    def _synthesize_attributes(self) -> dict[str, Any]:
        return {"region": self._region}
