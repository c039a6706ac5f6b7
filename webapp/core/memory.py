"""Memory that was needed once is given back, so that a worker stays small for its whole life."""

import ctypes
import gc


def give_back() -> None:
    """Return freed memory to the system; call it when something large has been read and kept.

    glibc keeps what lies between the pieces that stay: 30 MB after 10,000 grids. Other C libraries
    do as they like.
    """
    gc.collect()
    gc.freeze()  # it stays: looking through it for garbage again and again would cost milliseconds
    trim_heap()


def trim_heap() -> None:
    """The same after something large that is not kept, such as a picture of 10,000 outlines."""
    if trim := getattr(ctypes.CDLL(None), "malloc_trim", None):
        trim(0)
