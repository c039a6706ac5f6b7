"""SpatiaLite for SQLite; `python -m tools.spatialite` says whether it loads in this Python."""

import os
import sqlite3
from pathlib import Path
from typing import Any

HOMEBREW = ("/opt/homebrew/lib/mod_spatialite.dylib", "/usr/local/lib/mod_spatialite.dylib")


def set_library_path() -> None:
    """Name the library where the loader would not find it by itself (Homebrew)."""
    found = next((path for path in HOMEBREW if Path(path).exists()), None)
    if found:
        os.environ.setdefault("SPATIALITE_LIBRARY_PATH", found)


def driver() -> Any:
    """The module that can load extensions: the standard one, else pysqlite3 (Linux x86-64)."""
    if hasattr(sqlite3.Connection, "enable_load_extension"):
        return sqlite3
    import pysqlite3

    return pysqlite3


def main() -> int:
    try:
        connection = driver().connect(":memory:")
    except ImportError:
        return 2
    connection.enable_load_extension(True)
    try:
        connection.load_extension(os.environ.get("SPATIALITE_LIBRARY_PATH", "mod_spatialite"))
    except driver().OperationalError as error:
        print(error)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
