"""What starting up needed and running does not."""

import ctypes
import gc


def give_back() -> None:
    """The allocator keeps what it freed; glibc can be asked to hand it back to the machine, others do so themselves."""
    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
