"""A resource of the AWS provider, as far as an id and a lifecycle go."""

from __future__ import annotations

from typing import Any, ClassVar

import cdktf
from constructs import Construct


class AwsResource(cdktf.TerraformResource):
    TYPE: ClassVar[str]

    def __init__(
        self, scope: Construct, name: str, *, lifecycle: cdktf.TerraformResourceLifecycle, **given: str
    ) -> None:
        self._given = given
        super().__init__(
            scope,
            name,
            terraform_resource_type=self.TYPE,
            terraform_generator_metadata=cdktf.TerraformProviderGeneratorMetadata(provider_name="aws"),
            lifecycle=lifecycle,
        )

    @property
    def id(self) -> str:
        return self.get_string_attribute("id")

    def _synthesize_attributes(self) -> dict[str, Any]:
        return self._given
