"""What every emulator shares: a durable store, one emulated time, faults on demand."""

from sandbox.kit.clock import Clock
from sandbox.kit.faults import Fault, Faults
from sandbox.kit.store import Store

__all__ = ["Clock", "Fault", "Faults", "Store"]
