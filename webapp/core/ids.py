"""Time-ordered 64-bit ids made by us, so that tables can be partitioned by id range later.

Layout, high to low: 41 bits milliseconds since 2020, 10 bits node, 12 bits sequence.
"""

import os
import threading
import time

import numpy as np
from numpy.typing import NDArray

_EPOCH_MS = 1_577_836_800_000  # 2020-01-01T00:00:00Z
_PER_MS = 4096
_lock = threading.Lock()
_last = 0  # the last slot given out: milliseconds x 4096 + sequence


def _node() -> int:
    """Many machines number themselves with NODE_ID; on one machine the process id is enough."""
    return int(os.environ.get("NODE_ID", os.getpid())) % 1024


def _reserve(count: int) -> int:
    global _last
    with _lock:
        now = (time.time_ns() // 1_000_000 - _EPOCH_MS) * _PER_MS
        first = max(_last + 1, now)  # never backwards, also when the clock is
        _last = first + count - 1
        return first


def new_id() -> int:
    """One id, larger than every id this process has made."""
    slot = _reserve(1)
    return ((slot // _PER_MS) << 22) | (_node() << 12) | (slot % _PER_MS)


def new_ids(count: int) -> NDArray[np.int64]:
    """`count` ids in rising order, shape (count,)."""
    slots = np.arange(count, dtype=np.int64) + _reserve(count)
    return ((slots // _PER_MS) << 22) | (_node() << 12) | (slots % _PER_MS)
