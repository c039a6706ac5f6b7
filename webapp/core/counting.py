"""Where requests are counted for the rate limits when there is one machine: in the process.

`memory://` of the library starts a thread at nearly every request to clear away what has run out;
here a request does it itself, once a minute.
"""

import threading
import time

from limits.storage import Storage

SWEEP_S = 60


class ProcessStorage(Storage):
    """`RATE_LIMIT_STORAGE=process://`: fixed windows, each from its first request on."""

    STORAGE_SCHEME = ["process"]  # noqa: RUF012 - the library looks for a list
    base_exceptions = ()

    def __init__(self, uri: str | None = None, wrap_exceptions: bool = False) -> None:
        super().__init__(uri, wrap_exceptions)
        self._windows: dict[str, tuple[int, float]] = {}  # requests so far, and when it ends
        self._swept = time.time()
        self._lock = threading.Lock()

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        now = time.time()
        with self._lock:
            if now > self._swept + SWEEP_S:
                self._sweep(now)
            count, end = self._windows.get(key, (0, 0.0))
            if end <= now:
                count, end = 0, now + expiry
            self._windows[key] = count + amount, end
            return count + amount

    def _sweep(self, now: float) -> None:
        self._windows = {key: kept for key, kept in self._windows.items() if kept[1] > now}
        self._swept = now

    def get(self, key: str) -> int:
        count, end = self._windows.get(key, (0, 0.0))
        return count if end > time.time() else 0

    def get_expiry(self, key: str) -> float:
        return self._windows.get(key, (0, time.time()))[1]

    def check(self) -> bool:
        return True

    def reset(self) -> int:
        with self._lock:
            number = len(self._windows)
            self._windows.clear()
        return number

    def clear(self, key: str) -> None:
        with self._lock:
            self._windows.pop(key, None)
