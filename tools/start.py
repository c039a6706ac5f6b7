"""Prepare the database and the translations, then serve: the web server and the worker for jobs.

Both are one service: when one ends, or Ctrl-C or TERM comes, both are ended.
"""

import os
import shlex
import signal
import socket
import subprocess
import sys
from pathlib import Path

from honcho.manager import Manager

from tools import spatialite

ROOT = Path(__file__).resolve().parent.parent
PYTHON = shlex.quote(sys.executable)


def port_is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        return probe.connect_ex(("127.0.0.1", port)) != 0


def main() -> int:
    os.chdir(ROOT)
    spatialite.set_library_path()
    port = os.environ.setdefault("PORT", "8000")
    if not port.isdigit() or not 0 < int(port) < 65536:
        print(f"PORT={port!r}: give a number from 1 to 65535", file=sys.stderr)
        return 1
    if not port_is_free(int(port)):
        print(f"Port {port} is in use. Choose another: PORT=8001 make run", file=sys.stderr)
        return 1
    if subprocess.run([sys.executable, "-m", "tools.prepare"]).returncode:
        return 1
    manager = Manager()
    manager.add_process("web", f"exec {PYTHON} -m gunicorn --config tools/gunicorn_conf.py")
    manager.add_process("worker", f"exec {PYTHON} -m flask --app webapp jobs work")
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # a closed terminal ends it like TERM
        signal.signal(signal.SIGHUP, lambda *_: os.kill(os.getpid(), signal.SIGTERM))
    manager.loop()
    return int(manager.returncode or 0)


if __name__ == "__main__":
    raise SystemExit(main())
