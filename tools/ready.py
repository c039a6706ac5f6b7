"""Make ready what a command needs: `python3 -m tools.ready run|test|lint`.

Runs on the system's Python before there is an environment, so it needs the standard library alone.
"""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

from tools import assets, spatialite
from tools.stamps import Stamp
from tools.system import Missing, find_chromium, find_postgres, require

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"


def environment(requirements: str) -> None:
    """The virtual environment, with the pinned packages of this file."""
    names = dict.fromkeys(["requirements.txt", requirements])
    stamp = Stamp(VENV / f"{requirements}.installed", *(ROOT / name for name in names))
    if stamp.fresh():
        return
    if not _runs("-m", "pip", "--version"):
        require("Python's venv", _has_venv, debian="python3-venv", brew="python")
        print("Making .venv", flush=True)
        subprocess.run([sys.executable, "-m", "venv", VENV], check=True)
    print(f"Installing {requirements} into .venv", flush=True)
    pip_install("-r", str(ROOT / requirements))
    stamp.set()


def pip_install(*arguments: str) -> None:
    command = [str(PYTHON), "-m", "pip", "install", "-q", "--disable-pip-version-check", *arguments]
    if subprocess.run(command).returncode:
        raise Missing("Packages could not be installed (pip's own words are above). Try again.")


def _has_venv() -> bool:
    importlib.invalidate_caches()
    return importlib.util.find_spec("ensurepip") is not None


def _runs(*arguments: str) -> bool:
    if not PYTHON.exists():
        return False
    return subprocess.run([PYTHON, *arguments], capture_output=True, cwd=ROOT).returncode == 0


def spatial_library() -> None:
    """SpatiaLite."""
    spatialite.set_library_path()
    if not _runs("-c", "from tools.spatialite import driver; driver()"):
        raise Missing(
            f"The sqlite3 of {sys.executable} cannot load extensions, and pysqlite3 is not built"
            " for this machine. Remove .venv; use one that can: make run PYTHON=/usr/bin/python3"
        )
    require(
        "SpatiaLite",
        lambda: _runs("-m", "tools.spatialite"),
        debian="libsqlite3-mod-spatialite",
        brew="libspatialite",
    )


def for_run() -> None:
    environment("requirements.txt")
    if not os.environ.get("DATABASE_URL", "").startswith("postgres"):
        spatial_library()
    assets.install(pip_install, PYTHON)


def for_test() -> None:
    environment("requirements-dev.txt")
    spatial_library()
    assets.install(pip_install, PYTHON)
    require("Chromium", find_chromium, debian="chromium", brew="chromium")
    require(
        "what Playwright's own driver is linked to",
        lambda: _runs("-m", "playwright", "--version"),
        debian="libatomic1",
        brew="gcc",
    )
    if not os.environ.get("TEST_POSTGIS_URL"):
        require(
            "PostgreSQL with PostGIS",
            find_postgres,
            debian="postgresql-*-postgis-3",
            brew="postgis",
        )


def for_lint() -> None:
    environment("requirements-dev.txt")


def main(purpose: str) -> int:
    os.chdir(ROOT)
    try:
        {"run": for_run, "test": for_test, "lint": for_lint}[purpose]()
    except Missing as missing:
        print(missing, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1]))
