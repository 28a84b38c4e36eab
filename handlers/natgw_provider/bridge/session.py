"""What one provider process knows while it serves: the provider itself, Terraform's version, the order to stop."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from natgw_provider.bridge.handlers import ClientCapabilities, Context, Provider
    from natgw_provider.bridge.log import Log


class Session:
    """Shared by all calls of a process; threads may use it at the same time.

    With `reusable`, for debugging, one process serves one Terraform after another: a stop ends with the next
    ConfigureProvider.
    """

    def __init__(
        self,
        provider_factory: Callable[[], Provider],
        log: Log,
        *,
        schema_file: str | None = None,
        reusable: bool = False,
    ) -> None:
        self.log = log
        self._schema_file = schema_file
        self._factory = provider_factory
        self._reusable = reusable
        self._provider: Provider | None = None
        self._making = threading.Lock()
        self._stop = threading.Event()
        self._terraform_version = ""

    @property
    def provider(self) -> Provider:
        """The provider, made on first use; what the factory raises goes to every caller."""
        with self._making:
            if self._provider is None:
                self._provider = self._factory()
            return self._provider

    def prepared_schema(self) -> bytes | None:
        """Return the answer to GetProviderSchema that was prepared, None when there is none that can be read."""
        if self._schema_file is None:
            return None
        try:
            with open(self._schema_file, "rb") as file:
                return file.read()
        except OSError as failure:
            self.log.debug("the prepared schema cannot be read", error=failure)
            return None

    def configure(self, terraform_version: str) -> None:
        """Note which Terraform calls."""
        self._terraform_version = terraform_version
        if self._reusable and self._stop.is_set():
            self._stop = threading.Event()

    def stop(self) -> None:
        """Ask every handler that runs, or will run, to finish soon."""
        self._stop.set()

    def context(self, capabilities: ClientCapabilities | None = None) -> Context:
        """Return what a handler is given beside its request."""
        from natgw_provider.bridge.handlers import ClientCapabilities, Context  # noqa: PLC0415 - not before the handshake

        return Context(self._stop, self._terraform_version, self.log, capabilities or ClientCapabilities())
