"""Calling the worker: a small queue that only says "look", so that it looks at once.

The work itself lies in rows of ours. A call that is lost, since the queue is away or the worker was
killed after taking it, costs nothing but time: the worker looks by itself every few seconds.
"""

import logging
import os
import threading
import time
from typing import Any

from flask import Flask
from huey import Huey, MemoryHuey, RedisHuey, SqliteHuey
from huey.exceptions import HueyException
from sqlalchemy import event
from sqlalchemy.orm import Session

from webapp.core.settings import Settings

log = logging.getLogger(__name__)
NAME = "wangge"
LOOK = b"look"
CALLED = "worker_called"
POLL_S = 0.25  # SQLite cannot block until something comes; Redis does
TROUBLE_S = 5.0


class Waking:
    """The queue, opened by each process for itself when it first needs it."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.opened: tuple[int, Huey] | None = None
        self.lock = threading.Lock()

    @property
    def queue(self) -> Any:
        with self.lock:
            if self.opened is None or self.opened[0] != os.getpid():
                self.opened = os.getpid(), self._open()
            return self.opened[1].storage

    def _open(self) -> Huey:
        if self.settings.testing:
            return MemoryHuey(NAME)
        if self.settings.redis_url:
            return RedisHuey(NAME, url=self.settings.redis_url, blocking=True, read_timeout=1)
        self.settings.wake_file.parent.mkdir(parents=True, exist_ok=True)
        return SqliteHuey(NAME, filename=str(self.settings.wake_file), fsync=False)

    def call(self) -> None:
        """Have the worker look; one call that waits is enough for all."""
        try:
            if not self.queue.queue_size():
                self.queue.enqueue(LOOK)
        except (HueyException, OSError, *self._troubles()) as error:
            log.warning("the worker could not be called: %s", error)  # it looks by itself

    def wait(self, seconds: float) -> bool:
        """Wait until somebody calls, at most so long; whether somebody did."""
        until = time.monotonic() + seconds
        while True:
            try:
                if self.queue.dequeue() is not None:
                    return True
            except (HueyException, OSError, *self._troubles()) as error:
                log.warning("calls cannot be heard: %s", error)
                time.sleep(max(min(TROUBLE_S, until - time.monotonic()), 0))
            if time.monotonic() >= until:
                return False
            if not self.settings.redis_url:
                time.sleep(POLL_S)

    def _troubles(self) -> tuple[type[Exception], ...]:
        if self.settings.redis_url:
            from redis.exceptions import RedisError

            return (RedisError,)
        import sqlite3

        return (sqlite3.Error,)


def call_after_commit(session: Session) -> None:
    """Have the worker called once what this session has written can be seen."""
    session.info[CALLED] = True


def init_app(app: Flask) -> None:
    waking = app.extensions["waking"] = Waking(app.config["WANGGE"])

    def after_commit(session: Session) -> None:
        if session.info.pop(CALLED, False):
            waking.call()

    sessions = app.extensions["database"].sessions
    event.listen(sessions, "after_commit", after_commit)
    event.listen(sessions, "after_rollback", lambda session: session.info.pop(CALLED, None))
