"""How the service's processes take memory from the system."""

import ctypes

M_ARENA_MAX = -8  # of glibc's malloc.h


def share_one_arena() -> None:
    """Let all threads of a process take memory from one pool, where the C library is glibc.

    By default each has a pool of its own that keeps the most it ever needed: 75 MB of a web
    worker. Call it before anything starts a thread; forked processes keep it.
    """
    if set_option := getattr(ctypes.CDLL(None), "mallopt", None):
        set_option(M_ARENA_MAX, 1)
