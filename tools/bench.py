"""Run the measurements: `python -m tools.bench [NAME [NUMBER …] …]`, each file of bench/ a module.

Numbers behind a name are its arguments, such as how many cases there are to be.

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
    runs: list[list[str]] = [] if wanted else [[name] for name in names]
    for word in wanted:
        if word.isdigit() and runs:
            runs[-1].append(word)
        else:
            runs.append([word])
    if unknown := {run[0] for run in runs} - set(names):
        print(f"no such measurement: {sorted(unknown)}; there are {names}", file=sys.stderr)
        return 2
    with postgres.lifetime() as folder:
        url = os.environ.get("TEST_POSTGIS_URL") or postgres.server(folder, durable=True)
        environment = os.environ | {"TEST_POSTGIS_URL": url}
        failed = [" ".join(run) for run in runs if not _passes(run, environment)]
    if failed:
        print(f"Below the bar or broken: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


def _passes(run: list[str], environment: dict[str, str]) -> bool:
    print(f"\n== {' '.join(run)}", flush=True)
    command = [sys.executable, "-m", f"bench.{run[0]}", *run[1:]]
    return subprocess.run(command, env=environment, cwd=BENCH.parent).returncode == 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
