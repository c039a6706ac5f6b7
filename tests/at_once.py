"""Doing the same thing several times at once."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Answer = TypeVar("Answer")


def at_once(work: Callable[[], Answer], times: int) -> list[Answer]:
    """The answers of so many threads that begin together; raises what one of them raises."""
    start = threading.Barrier(times)

    def one() -> Answer:
        start.wait()
        return work()

    with ThreadPoolExecutor(times) as pool:
        return [done.result() for done in [pool.submit(one) for _ in range(times)]]
