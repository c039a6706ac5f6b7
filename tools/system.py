"""Packages of the operating system: find what is there, install what is not, or say what to do."""

import glob
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

MEMORY = "/dev/shm"  # noqa: S108 - only folders of mkdtemp are put there
ROOM_BYTES = 2 * 1024**3


class Missing(Exception):
    """Something that we need and cannot get; the message says the one thing to do."""


def require(what: str, there: Callable[[], object], debian: str, brew: str) -> None:
    """Install a package with apt-get or Homebrew unless `there()` finds it already."""
    if there():
        return
    if shutil.which("apt-get"):
        _apt_install(what, debian)
    elif shutil.which("brew"):
        _install(what, ["brew", "install", brew], f"brew install {brew}")
    else:
        raise Missing(f"Wangge needs {what} ({debian} on Debian). Install it, then try again.")
    if not there():
        raise Missing(f"{what} is installed, but cannot be used. Check it, then try again.")


def _apt_install(what: str, package: str) -> None:
    by_hand = f"sudo apt-get update && sudo apt-get install -y {package}"
    apt = [*_as_root(what, by_hand), "apt-get", "-q", "-o", "DPkg::Lock::Timeout=120"]
    _say(f"Installing {what}: {package} (apt-get)")
    subprocess.run([*apt, "update"], stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
    name = _newest(package) if "*" in package else package
    _install(what, [*apt, "install", "-y", "--no-install-recommends", name], by_hand)


def _as_root(what: str, by_hand: str) -> list[str]:
    quiet = ["DEBIAN_FRONTEND=noninteractive"]
    if os.geteuid() == 0:
        return ["env", *quiet]
    if not shutil.which("sudo"):
        raise Missing(f"Wangge needs {what}. As root, run: {by_hand.replace('sudo ', '')}")
    return ["sudo", *([] if sys.stdin.isatty() else ["-n"]), *quiet]


def _newest(pattern: str) -> str:
    """The highest numbered package of a name such as `postgresql-*-postgis-3`."""
    before, after = pattern.split("*")
    listed = subprocess.run(
        ["apt-cache", "pkgnames", before], capture_output=True, text=True, check=True
    ).stdout.split()
    numbers = [name.removeprefix(before).removesuffix(after) for name in listed]
    versions = [int(n) for n in numbers if n.isdigit() and f"{before}{n}{after}" in listed]
    if not versions:
        raise Missing(f"apt knows no package {pattern}. Add a source that has it, then try again.")
    return f"{before}{max(versions)}{after}"


def _install(what: str, command: list[str], by_hand: str) -> None:
    done = subprocess.run(command, stdin=None if sys.stdin.isatty() else subprocess.DEVNULL)
    if done.returncode:
        raise Missing(f"{what} could not be installed. Run this by hand: {by_hand}")


def _say(words: str) -> None:
    print(words, flush=True)


def memory_folder() -> str | None:
    """Where files lie in memory; None where no such place is, or not enough room in it."""
    if not os.access(MEMORY, os.W_OK | os.X_OK):
        return None
    return MEMORY if shutil.disk_usage(MEMORY).free >= ROOM_BYTES else None


def find_chromium() -> str | None:
    """The path of Chromium: CHROMIUM_PATH, else where Debian, Homebrew and Chrome put it."""
    found = [shutil.which(n) for n in ("chromium", "chromium-browser", "google-chrome")]
    found += glob.glob("/Applications/*/Contents/MacOS/Chromium")
    found += glob.glob("/Applications/*/Contents/MacOS/Google Chrome")
    if given := os.environ.get("CHROMIUM_PATH"):
        found = [given]
    return next((path for path in found if path and os.access(path, os.X_OK)), None)


def find_postgres() -> Path | None:
    """The folder with initdb and postgres of the newest server that has PostGIS.

    POSTGRES_BIN, else where Debian, Fedora, Homebrew or the PATH have them.
    """
    homes = [
        *glob.glob("/usr/lib/postgresql/*/bin"),
        *glob.glob("/usr/pgsql-*/bin"),
        *glob.glob("/opt/homebrew/opt/postgresql*/bin"),
        *glob.glob("/usr/local/opt/postgresql*/bin"),
    ]
    if config := shutil.which("pg_config"):
        homes.append(os.path.dirname(os.path.realpath(config)))
    if given := os.environ.get("POSTGRES_BIN"):
        homes = [given]
    able = [(version, home) for home in map(Path, homes) if (version := _postgis_version(home))]
    return max(able)[1] if able else None


def _postgis_version(home: Path) -> int:
    """The major version of the server in `home`, 0 where it or its PostGIS is missing."""
    if not all(os.access(home / name, os.X_OK) for name in ("initdb", "postgres", "pg_config")):
        return 0
    asked = [str(home / "pg_config"), "--version", "--sharedir"]
    answer = subprocess.run(asked, capture_output=True, text=True).stdout.splitlines()
    if len(answer) != 2 or not (Path(answer[1]) / "extension/postgis.control").exists():
        return 0
    return int(answer[0].split()[1].split(".")[0])
