"""Gunicorn around an application that is already made, so that its workers share its memory."""

import gc
import os
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication

from webapp.core.database import small_page_cache

YOUNG_OBJECTS = 5_000
"""New objects between two looks for garbage: Python's 700 come several times in a page."""


class Web(BaseApplication):
    """`Web(app, "127.0.0.1:8000").run()` serves until TERM; it does not return."""

    def __init__(self, app: Flask, address: str) -> None:
        self.app, self.address = app, address
        super().__init__()

    def load_config(self) -> None:
        settings: dict[str, Any] = {
            "bind": self.address,
            "worker_class": "gthread",
            "workers": int(os.environ.get("WEB_CONCURRENCY", "2")),
            "threads": 4,
            "preload_app": True,
            "loglevel": "warning",
            "timeout": 60,
            "when_ready": self.say_ready,
            "post_fork": self.open_anew,
        }
        for name, value in settings.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        return self.app

    def say_ready(self, _arbiter: Any) -> None:
        gc.collect()
        gc.freeze()  # what every worker shares is never looked through for garbage again
        gc.set_threshold(YOUNG_OBJECTS)
        print(f"Wangge is ready: http://{self.address}", flush=True)

    def open_anew(self, _arbiter: Any, _worker: Any) -> None:
        """A connection must not be used by two processes: each worker opens its own."""
        engine = self.app.extensions["database"].engine
        engine.dispose(close=False)
        small_page_cache(engine)
