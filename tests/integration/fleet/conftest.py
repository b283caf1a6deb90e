"""Waves are made of operations: the same house."""

from tests.integration.provisioning.conftest import house

__all__ = ["house"]
