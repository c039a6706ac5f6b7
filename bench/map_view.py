"""The first view of the map with 100,000 open cases in 10,000 grids, and the worker's memory.

For the public and for staff (a dispatcher), each in fresh browsers that have nothing of ours yet.
Bars: the page and its data at most 300 KB as sent, without the static files; drawn in Chromium
under 2 s from the start of the navigation (median of 5 browsers; the first one meets a worker that
has read nothing yet, and is told by itself); at most 350 MB resident in the one web worker, once it
has served maps, places and reports. A tenth of the cases is told beside.
"""

import statistics
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from bench import _world
from bench._cases import import_file, write_cases
from bench._serving import Service, serving
from bench.report_http import PASSWORD, USERNAME, add_dispatcher, reports
from tools.system import find_chromium

CASES, BROWSERS = 100_000, 5
KILOBYTES, SECONDS, MEGABYTES = 300, 2.0, 350
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]

# The page takes its mark away once all layers are on the map; two frames later they are painted.
WATCH = """
new MutationObserver((_changes, observer) => {
  const page = document.getElementById("map-page");
  if (!page || page.hasAttribute("data-loading")) return;
  observer.disconnect();
  requestAnimationFrame(() => requestAnimationFrame(() => {
    document.documentElement.dataset.drawnAt = performance.now();
  }));
}).observe(document, { subtree: true, childList: true, attributes: true });
"""
ENTRIES = """() => [...performance.getEntriesByType("navigation"),
  ...performance.getEntriesByType("resource")].map((e) => ({
    path: new URL(e.name).pathname, bytes: e.transferSize, begin: e.startTime, end: e.responseEnd,
  }))"""
SIGNS = """async () => {
  const map = await (await import("/static/js/mapping/ready.js")).whenMap("office_map");
  let layers = 0;
  map.eachLayer(() => { layers += 1; });
  return layers;
}"""


class Sight:
    """What one fresh browser saw: kilobytes, seconds, and the moments between."""

    def __init__(self, drawn_ms: float, entries: list[dict[str, Any]]) -> None:
        ours = [e for e in entries if not e["path"].startswith("/static/")]
        static = [e for e in entries if e["path"].startswith("/static/")]
        self.seconds = drawn_ms / 1000
        self.kilobytes = sum(e["bytes"] for e in ours) / 1000
        self.moments = {
            "page here": max(e["end"] for e in ours if e["path"] == "/map"),
            "static files here": max(e["end"] for e in static),
            "data asked": min(e["begin"] for e in ours if e["path"].endswith(".json")),
            "data here": max(e["end"] for e in ours),
            "drawn": drawn_ms,
        }
        self.parts = {e["path"]: e["bytes"] / 1000 for e in ours}


def look(browser: Browser, service: Service, session_cookie: str | None) -> Sight:
    address = f"http://127.0.0.1:{service.port}"
    context = browser.new_context(
        viewport={"width": 1440, "height": 900}, locale="zh-CN", timezone_id="Asia/Shanghai"
    )
    if session_cookie:
        context.add_cookies([{"name": "session", "value": session_cookie, "url": address}])
    page = context.new_page()
    page.add_init_script(WATCH)
    page.goto(f"{address}/map")
    drawn = page.wait_for_selector("html[data-drawn-at]")
    assert page.evaluate(SIGNS) > 3, "nothing was drawn"
    drawn_ms = float(drawn.get_attribute("data-drawn-at") or "nan") if drawn else float("nan")
    sight = Sight(drawn_ms, page.evaluate(ENTRIES))
    context.close()
    return sight


def see(browser: Browser, service: Service, cookie: str | None, who: str) -> bool:
    """Look in fresh browsers and print; whether the bars are met."""
    first, *others = [look(browser, service, cookie) for _ in range(BROWSERS + 1)]
    seconds = statistics.median(sight.seconds for sight in others)
    kilobytes = max(sight.kilobytes for sight in others)
    parts = ", ".join(f"{path} {size:.0f}" for path, size in others[0].parts.items())
    print(
        f"  {who:7} {kilobytes:4.0f} KB, bar {KILOBYTES} KB ({parts});"
        f" drawn after {seconds:.2f} s, bar {SECONDS:.0f} s (the first {first.seconds:.2f} s)"
    )
    middle = min(others, key=lambda sight: abs(sight.seconds - seconds))
    moments = ", ".join(f"{name} {ms:.0f}" for name, ms in middle.moments.items())
    print(f"          what limits it, ms from the start: {moments}", flush=True)
    return kilobytes <= KILOBYTES and seconds < SECONDS


def memory(service: Service, shapes: Any) -> bool:
    """After the maps, 20 places asked for and 20 reports; whether the bar is met."""
    points = _world.middles(shapes)[:20]
    visitor = service.visitor("10.0.0.3")
    send = reports(service, points, signed_in=False)
    for lon, lat in points:
        visitor.get(f"/api/locate?lat={lat}&lon={lon}&datum=wgs84")
        send()
    said = dict(line.split(":") for line in status_of(service.worker))
    resident, most = (int(said[name].split()[0]) / 1000 for name in ("VmRSS", "VmHWM"))
    shared = int(said["Pss"].split()[0]) / 1000
    print(
        f"  worker  {resident:4.0f} MB resident, bar {MEGABYTES} MB ({most:.0f} MB at its most;"
        f" {shared:.0f} MB when what it shares is divided)",
        flush=True,
    )
    return resident <= MEGABYTES


def status_of(process: int) -> list[str]:
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    lines += Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()[1:]
    return lines


@contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        yield browser
        browser.close()


def measure(browser: Browser, dialect: str, count: int, shapes: Any) -> bool:
    with _world.database(dialect) as engine, tempfile.TemporaryDirectory() as folder:
        _world.settle(engine, shapes)
        add_dispatcher(engine)
        write_cases(Path(folder) / "cases.csv", count, all_open=True)
        import_file(engine, Path(folder) / "cases.csv")
        with serving("wangge", engine) as service:
            print(f"{dialect}, {count:,} open cases; load {_world.load()}")
            met = see(browser, service, None, "public")
            staff = service.visitor("10.0.0.2")
            staff.sign_in(USERNAME, PASSWORD)
            met &= see(browser, service, staff.cookies["session"], "staff")
            return met & memory(service, shapes)


def main(arguments: list[str]) -> int:
    counts = [int(count) for count in arguments] or [CASES, CASES // 10]
    shapes = _world.voronoi_grids()
    with chromium() as browser:
        met = [measure(browser, d, n, shapes) for d in _world.DIALECTS for n in counts]
    print("bar met" if all(met) else "BELOW THE BAR")
    return 0 if all(met) else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
