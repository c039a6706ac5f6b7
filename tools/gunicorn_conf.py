"""How gunicorn serves Wangge; `tools/start.py` starts it."""

import os

bind = f"127.0.0.1:{os.environ.get('PORT', '8000')}"
wsgi_app = "webapp:create_app()"
worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = 4
preload_app = True  # imported once; the workers share its memory
loglevel = "warning"
timeout = 60


def post_fork(server, worker):
    """A connection must not be used by two processes: each worker opens its own."""
    worker.app.wsgi().extensions["database"].engine.dispose(close=False)


def when_ready(server):
    print(f"Wangge is ready: http://{bind}", flush=True)
