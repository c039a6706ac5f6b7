"""Run the measurements: `python -m tools.bench [NAME …]`, each of bench/*.py as a module.

They find a PostgreSQL with PostGIS and a server's usual settings in TEST_POSTGIS_URL. A file whose
name begins with an underscore is a helper of the others.
"""

import os
import subprocess
import sys
from pathlib import Path

from tools import postgres

BENCH = Path(__file__).resolve().parent.parent / "bench"


def main(wanted: list[str]) -> int:
    names = sorted(p.stem for p in BENCH.glob("*.py") if not p.stem.startswith("_"))
    if unknown := set(wanted) - set(names):
        print(f"no such measurement: {sorted(unknown)}; there are {names}", file=sys.stderr)
        return 2
    with postgres.lifetime() as folder:
        url = os.environ.get("TEST_POSTGIS_URL") or postgres.server(folder, durable=True)
        environment = os.environ | {"TEST_POSTGIS_URL": url}
        failed = [n for n in wanted or names if not _passes(n, environment)]
    if failed:
        print(f"Below the bar or broken: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


def _passes(name: str, environment: dict[str, str]) -> bool:
    print(f"\n== {name}", flush=True)
    command = [sys.executable, "-m", f"bench.{name}"]
    return subprocess.run(command, env=environment, cwd=BENCH.parent).returncode == 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
