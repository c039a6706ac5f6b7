"""What the cases show one by one: repeat places, and a picture of their density."""

import io
import math
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import numpy as np
from flask_babel import gettext as _
from flask_babel import ngettext
from numpy.typing import NDArray
from PIL import Image, ImageFilter
from pyproj import Transformer
from sqlalchemy import select
from sqlalchemy.orm import Session

from gis.clusters import repeat_places
from webapp.cases.models import Case
from webapp.core.database import WGS84
from webapp.core.errors import BadInput
from webapp.insight.counts.points import case_points
from webapp.insight.counts.reading import DAY_ZERO
from webapp.insight.counts.results import CasePoints
from webapp.insight.hotspots.asking import Asked
from webapp.insight.hotspots.facts import Bounds
from webapp.insight.hotspots.places import grids_of, to_metres
from webapp.insight.hotspots.reach import Reach
from webapp.insight.hotspots.sentences import day_words
from webapp.insight.hotspots.service import within
from webapp.people.models import Office
from webapp.standards.service import office_standards
from webapp.standards.wording import class_name

REPEAT_M, REPEAT_DAYS, REPEAT_CASES = 30, 90, 3
MOST_POINTS = 200_000
MOST_SHOWN, MOST_NUMBERS = 300, 20
PICTURE, BLUR = 800, 14  # pixels


def repeats(session: Session, office: Office, asked: Asked, reach: Reach) -> list[dict[str, Any]]:
    """Repeat places for the map, those with the most cases first."""
    points = points_of(session, office, asked, reach)
    if not len(points):
        return []
    metres = to_metres(grids_of(session, office))
    xy = np.column_stack(metres.transform(points.lon, points.lat))
    back = Transformer.from_crs(metres.target_crs, WGS84, always_xy=True)
    return list(_repeats(session, office, points, xy, back))


def points_of(session: Session, office: Office, asked: Asked, reach: Reach) -> CasePoints:
    """The cases that are asked for, one by one; BadInput where there are too many."""
    points = case_points(session, office, within(session, office, asked.selection, reach))
    if len(points) > MOST_POINTS:
        raise BadInput(
            "many",
            _(
                "%(count)d cases are too many to look at one by one: choose a shorter time or"
                " fewer classes, so that there are at most %(most)d.",
                count=len(points),
                most=MOST_POINTS,
            ),
        )
    return points


def _repeats(
    session: Session,
    office: Office,
    points: CasePoints,
    xy: NDArray[np.float64],
    back: Transformer,
) -> Iterator[dict[str, Any]]:
    found = repeat_places(xy, points.days, points.classes, REPEAT_M, REPEAT_DAYS, REPEAT_CASES)
    shown = found.places[:MOST_SHOWN]
    names = {one.id: class_name(one) for one in office_standards(session, office).classes.values()}
    last = {place: points.ids[place_.cases[-MOST_NUMBERS:]].tolist()
            for place, place_ in enumerate(shown)}  # fmt: skip
    numbers = _numbers(session, [case for ids in last.values() for case in ids])
    for at, place in enumerate(shown):
        days = [DAY_ZERO + timedelta(days=int(points.days[place.cases[n]])) for n in (0, -1)]
        yield {
            "at": degrees(back, place.x, place.y),
            "count": len(place.cases),
            "words": _repeated(names.get(int(str(place.kind)), "?"), len(place.cases), days),
            "cases": [numbers[case] for case in reversed(last[at]) if case in numbers],
        }


def _repeated(name: str, count: int, days: list[date]) -> str:
    return ngettext(
        "%(name)s: once within %(metres)d m, from %(first)s to %(last)s",
        "%(name)s: %(num)d times within %(metres)d m, from %(first)s to %(last)s",
        count,
        name=name,
        metres=REPEAT_M,
        first=day_words(days[0]),
        last=day_words(days[1]),
    )


def _numbers(session: Session, ids: list[int]) -> dict[int, str]:
    numbers: dict[int, str] = {}
    for start in range(0, len(ids), 500):
        some = Case.id.in_(ids[start : start + 500])
        numbers |= dict(session.execute(select(Case.id, Case.number).where(some)).all())
    return numbers


def degrees(back: Transformer, x: float, y: float) -> list[float]:
    lon, lat = back.transform(x, y)
    return [round(lon, 6), round(lat, 6)]


def density_picture(
    session: Session, office: Office, asked: Asked, reach: Reach, bounds: Bounds
) -> bytes:
    """A PNG over `bounds`: where cases lie close, without any claim to significance."""
    points = points_of(session, office, asked, reach)
    (south, west), (north, east) = bounds
    wide, high = (east - west) * math.cos(math.radians((south + north) / 2)), north - south
    bins = [max(round(PICTURE * side / max(wide, high)), 8) for side in (high, wide)]
    seen, *_edges = np.histogram2d(
        points.lat, points.lon, bins=bins, range=((south, north), (west, east))
    )
    top = max(float(seen.max()), 1.0)
    heat = Image.fromarray((np.sqrt(seen[::-1] / top) * 255).astype(np.uint8))
    blurred = np.asarray(heat.filter(ImageFilter.GaussianBlur(BLUR)), np.float64)
    share = np.sqrt(blurred / max(blurred.max(), 1.0))
    picture = np.zeros((*bins, 4), np.uint8)
    picture[..., :3] = _ramp(share)
    picture[..., 3] = np.clip(share * 1.2, 0, 0.85) * 255
    out = io.BytesIO()
    Image.fromarray(picture).save(out, "PNG")
    return out.getvalue()


def _ramp(share: NDArray[np.float64]) -> NDArray[np.uint8]:
    """From light violet to dark: another palette than that of hot and cold places."""
    stops = np.array([[224, 210, 236], [170, 130, 200], [120, 70, 160], [60, 20, 100]], np.float64)
    at = np.linspace(0, 1, len(stops))
    return np.stack([np.interp(share, at, stops[:, c]) for c in range(3)], axis=-1).astype(np.uint8)
