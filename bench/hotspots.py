"""Hot spots, against `esda` and `geopandas.sjoin` on the same places in the same run.

Bars: Gi* with its correction, 10,000 places, at least 50 times as fast as esda's G_Local without
permutations, and equal to 1e-12; a net of 500 m over 1,000,000 points, counted and tested, at least
3 times as fast as sjoin's count alone.
"""

import gc
import statistics
import subprocess
import sys
import time
import warnings
from collections.abc import Callable

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from bench._world import CRS, SIDE_M, synthetic_cases, timed, voronoi_grids
from gis.clusters import find_clusters, repeat_places
from gis.emerging import emerging
from gis.hotspots import gi_star
from gis.localmoran import local_moran
from gis.nets import Net, NetKind, net_over_points
from gis.weights import Weights, distance_band, queen

PLACES, POINTS, NET_M = 10_000, 1_000_000, 500.0
GI_BAR, NET_BAR, CLOSE = 50.0, 3.0, 1e-12
ROUNDS = 7

Floats = NDArray[np.float64]


def median_seconds(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    took = []
    for _ in range(rounds):
        gc.collect()
        start = time.perf_counter()
        work()
        took.append(time.perf_counter() - start)
    return statistics.median(took)


def fine_net(places: int) -> Net:
    """A square of so many cells of 100 m."""
    edge = np.array([50.0, np.sqrt(places) * 100 - 50.0])
    return net_over_points(NetKind.SQUARE, 100, 605_000 + edge, 4_233_000 + edge)


def counts_of(places: int, periods: int = 1) -> Floats:
    """Counts as overdispersed as those of real cities."""
    rng = np.random.default_rng(3)
    level = np.exp(rng.normal(3, 1, (places, 1)))
    return rng.poisson(level, (places, periods)).astype(np.float64)


def compare_gi_star(places: int) -> float:
    """How many times as fast as esda with libpysal's W; one line printed.

    esda also takes libpysal's newer Graph, with which it is faster; this is printed as well.
    """
    import esda

    weights = fine_net(places).queen()
    values = counts_of(len(weights))[:, 0]
    graph = weights.to_graph()
    theirs = {"W": graph.to_W(), "Graph": graph}

    def of_esda(form: str) -> esda.G_Local:
        return esda.G_Local(values, theirs[form], transform="B", permutations=0, star=True)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of esda's own making
        found = gi_star(values, weights).z
        apart = max(float(np.abs(found - of_esda(form).Zs).max()) for form in theirs)
        assert apart <= CLOSE, f"differs from esda by {apart}"
        rounds = 1 if places > PLACES else ROUNDS
        took = {form: median_seconds(lambda form=form: of_esda(form), rounds) for form in theirs}
    ours = median_seconds(lambda: gi_star(values, weights), 25)
    print(
        f"  {len(weights):7,} places: ours with correction {ours * 1000:6.2f} ms; esda with W "
        f"{took['W'] * 1000:7.1f} ms, {took['W'] / ours:4.0f} x; with Graph "
        f"{took['Graph'] * 1000:6.1f} ms, {took['Graph'] / ours:3.0f} x; apart {apart:.1e}"
    )
    return took["W"] / ours


def compare_net(points: int) -> float:
    """How many times as fast as sjoin's count; one line printed."""
    cases = synthetic_cases(points)
    x, y = cases.x.to_numpy(), cases.y.to_numpy()
    net = net_over_points(NetKind.SQUARE, NET_M, x, y)
    cells = gpd.GeoDataFrame({"cell": np.arange(len(net))}, geometry=net.shapes(), crs=CRS)
    spots = gpd.GeoDataFrame(geometry=gpd.points_from_xy(x, y), crs=CRS)

    def theirs() -> NDArray[np.int64]:
        joined = gpd.sjoin(spots, cells)  # points on the outermost edge included
        return np.bincount(joined["cell"], minlength=len(net))

    def ours() -> NDArray[np.int64]:
        laid = net_over_points(NetKind.SQUARE, NET_M, x, y)
        counts = laid.count(x, y)
        gi_star(counts, laid.queen(), cases=len(x))
        return counts

    np.testing.assert_array_equal(ours(), theirs())
    rounds = 1 if points > POINTS else 3
    sjoin_s, ours_s = median_seconds(theirs, rounds), median_seconds(ours, rounds)
    print(
        f"  {points:10,} points in {len(net)} cells: sjoin {sjoin_s * 1000:8.1f} ms, ours counted "
        f"and tested {ours_s * 1000:7.1f} ms: {sjoin_s / ours_s:5.1f} x"
    )
    return sjoin_s / ours_s


def neighbours() -> None:
    """What neighbours of real outlines cost, here and in libpysal."""
    from libpysal.graph import Graph

    outlines = gpd.GeoSeries(voronoi_grids(PLACES), crs="EPSG:4326").to_crs(CRS)
    shapes = np.asarray(outlines.values, dtype=object)
    with timed() as ours:
        found = queen(shapes)
    with timed() as theirs:
        Graph.build_contiguity(outlines, rook=False)
    with timed() as kept:
        Weights.from_bytes(found.to_bytes())
    print(
        f"\nneighbours of {PLACES:,} grids of 137 vertices: {ours[0]:.2f} s (libpysal "
        f"{theirs[0]:.2f} s); kept in {len(found.to_bytes()) / 1000:.0f} kB, written and read in "
        f"{kept[0] * 1000:.0f} ms"
    )


def other_answers() -> None:
    net = fine_net(PLACES)
    touching, band = net.queen(), distance_band(net.centres(), 1_000)
    counts = counts_of(len(net), 52)
    cases = synthetic_cases(100_000)
    points, times = cases[["x", "y"]].to_numpy(), cases.created.to_numpy()
    year = times >= times.max() - np.timedelta64(365, "D")
    half = np.flatnonzero(points[:, 0] < points[:, 0].min() + SIDE_M / 2)
    works: dict[str, Callable[[], object]] = {
        "Gi* with neighbours within 1,000 m": lambda: gi_star(counts[:, 0], band),
        "emerging, 52 periods, touching": lambda: emerging(counts, touching),
        "emerging, 52 periods, within 1,000 m": lambda: emerging(counts, band),
        "local Moran": lambda: local_moran(counts[:, 0], touching),
        f"clusters of {year.sum():,} points": lambda: find_clusters(points[year], 50, 20),
        f"repeat places of {len(half):,} cases": (
            lambda: repeat_places(points[half], times[half], cases.category.to_numpy()[half])
        ),
    }
    print(f"\nother answers, {PLACES:,} places:")
    for name, work in works.items():
        print(f"  {median_seconds(work, 3) * 1000:8.0f} ms  {name}")


_FIRST_USE = """
import sys, time
import geopandas, shapely
from bench.locate import resident_mb
before, start = resident_mb(), time.perf_counter()
__import__(sys.argv[1])
print(f"  {time.perf_counter() - start:5.2f} s  {resident_mb() - before:5.1f} MB  {sys.argv[1]}")
"""


def first_uses() -> None:
    print("\nfirst use, each in a process of its own beside geopandas:", flush=True)
    for name in ("gis.hotspots", "gis.emerging", "sklearn.cluster", "libpysal", "esda"):
        subprocess.run([sys.executable, "-c", _FIRST_USE, name], check=True)


def main() -> int:
    print("Gi* with Benjamini-Hochberg, neighbours at sides and corners:")
    gi_times = [compare_gi_star(places) for places in (PLACES // 10, PLACES, PLACES * 10)]
    print(f"\nnet of {NET_M:.0f} m, over points that cluster:")
    net_times = [compare_net(points) for points in (POINTS // 10, POINTS, POINTS * 10)]
    neighbours()
    other_answers()
    first_uses()
    met = gi_times[1] >= GI_BAR and net_times[1] >= NET_BAR
    print("bars met" if met else "BELOW THE BAR")
    return 0 if met else 1


if __name__ == "__main__":
    raise SystemExit(main())
