"""How counts are classed and how many cases a view can show one by one."""

from collections.abc import Iterable

from gis.tiles import metres_per_pixel

CLASSES = 5
PIXELS_PER_CASE = 12_000  # of the view, so that signs leave most of the map free
FEWEST, MOST = 20, 400
ALWAYS_SINGLE_ZOOM = 19.0


def class_breaks(counts: Iterable[int]) -> list[int]:
    """The lower bounds of at most five classes of counts, rising; none where nothing is counted.

    The classes hold about the same number of different counts, so that a few large ones do not
    make all others look alike.

    >>> class_breaks([0, 0, 1, 1, 1, 2, 3]), class_breaks([1, 2, 3, 4, 5, 6, 7, 8, 40, 90])
    ([1, 2, 3], [1, 3, 5, 7, 40])
    """
    values = sorted({count for count in counts if count > 0})
    if len(values) <= CLASSES:
        return values
    return [values[len(values) * i // CLASSES] for i in range(CLASSES)]


def most_single_cases(width_degrees: float, height_degrees: float, zoom: float, lat: float) -> int:
    """How many cases a view of this size shows one by one; more are joined.

    >>> most_single_cases(0.1236, 0.0606, 14, 38.28), most_single_cases(360, 170, 19, 0)
    (108, 400)
    """
    if zoom >= ALWAYS_SINGLE_ZOOM:
        return MOST
    pixel_m = metres_per_pixel(zoom, lat)
    pixel_lon_degrees = 360 / 256 / 2**zoom
    area = (width_degrees / pixel_lon_degrees) * (height_degrees * 111_320 / pixel_m)
    return round(min(max(area / PIXELS_PER_CASE, FEWEST), MOST))
