"""The second `make run`, from the command to the first answer of `/healthz`.

Bar: under 5 s, on SpatiaLite and on PostGIS.
"""

import os
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import requests
from sqlalchemy import create_engine, make_url, text

ROOT = Path(__file__).resolve().parent.parent
BAR_S = 5.0
FIRST_S = 300.0  # the first start builds the sample


def free_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


def start_and_end(environment: dict[str, str], patience: float) -> float:
    """Seconds until the service answers; it is ended again."""
    begun = time.perf_counter()
    process = subprocess.Popen(
        ["make", "run"], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL
    )
    try:
        while not answers(environment["PORT"]):
            if process.poll() is not None or time.perf_counter() - begun > patience:
                raise SystemExit("make run did not come to answer; try it by hand")
            time.sleep(0.02)
        return time.perf_counter() - begun
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


def answers(port: str) -> bool:
    try:
        return requests.get(f"http://127.0.0.1:{port}/healthz", timeout=5).ok
    except requests.ConnectionError:
        return False


def seconds(database_url: str, folder: str) -> list[float]:
    """The first start and three more."""
    environment = os.environ | {"DATABASE_URL": database_url, "INSTANCE_PATH": folder}
    return [start_and_end(environment | {"PORT": free_port()}, FIRST_S) for _ in range(4)]


def new_postgis() -> str:
    server = make_url(os.environ["TEST_POSTGIS_URL"])
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("DROP DATABASE IF EXISTS bench_start"))
        connection.execute(text("CREATE DATABASE bench_start"))
    engine.dispose()
    return server.set(database="bench_start").render_as_string(hide_password=False)


def main() -> int:
    passes = True
    with tempfile.TemporaryDirectory() as folder:
        for name, url in {
            "SpatiaLite": f"sqlite:///{folder}/wangge.sqlite",
            "PostGIS": new_postgis(),
        }.items():
            first, *later = seconds(url, folder)
            worst = max(later)
            passes &= worst <= BAR_S
            print(
                f"{name}: first {first:.1f} s, then {min(later):.1f} to {worst:.1f} s of {BAR_S} s"
            )
    print("Limited by importing geopandas, SQLAlchemy and folium, once, before the fork.")
    return 0 if passes else 1


if __name__ == "__main__":
    raise SystemExit(main())
