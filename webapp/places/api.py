"""`GET /api/locate`: which grid a point lies in. Open to all."""

from typing import Any

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from gis.coordinates import Datum, check_lonlat, to_wgs84
from webapp.core.database import current_session
from webapp.core.errors import BadInput
from webapp.core.rates import limit
from webapp.people.models import Office
from webapp.places.locating import GridFacts, Place, find_place, office_at

blueprint = Blueprint("places_api", __name__, url_prefix="/api")


@blueprint.get("/locate")
@limit("120 per minute; 3000 per hour")
def locate() -> ResponseReturnValue:
    """Where a point lies.

    Query: `lat` and `lon` in degrees; `datum`, one of wgs84 (default), gcj02, bd09, cgcs2000;
    `accuracy` in metres, if known.

    Answer 200, JSON:

    - `office`: {code, name} of the office that looks after the place
    - `lon`, `lat`: in WGS-84
    - `grid`: {code, name, path, community}, or null outside all grids
    - `nearest`: the same of the nearest grid where `grid` is null, else null
    - `edge_distance_m`: metres to the edge of that grid
    - `near_edge`: the edge is within `margin_m`: a fix a little better could answer otherwise
    - `overlapping`: the point lies inside several grids; `grid` is the smallest
    - `candidates`: [{code, name, path, community, distance_m}], other grids within the margin,
      nearest first

    Answer 400: {error, message}; `message` is a sentence on what was given and what is allowed.
    """
    lon, lat = check_lonlat(_number("lon"), _number("lat"))
    datum = request.args.get("datum", Datum.WGS84.value)
    accuracy = _number("accuracy")
    if accuracy is not None and not 0 <= accuracy < float("inf"):
        raise BadInput("accuracy", _("The accuracy must be a number of metres, 0 or more."))
    session = current_session()
    office = office_at(session, *to_wgs84(lon, lat, datum))
    place = find_place(session, office, lon, lat, datum, accuracy)
    return jsonify(as_json(office, place))


def as_json(office: Office, place: Place) -> dict[str, Any]:
    """The answer of `/api/locate`; metres to the centimetre."""
    return {
        "office": {"code": office.code, "name": office.name},
        "lon": round(place.lon, 8),
        "lat": round(place.lat, 8),
        "grid": _grid(place.grid),
        "nearest": _grid(place.nearest),
        "edge_distance_m": round(place.edge_distance_m, 2) if place.grid or place.nearest else None,
        "near_edge": place.near_edge,
        "margin_m": round(place.margin_m, 2),
        "overlapping": place.overlapping,
        "candidates": [
            {**(_grid(other.grid) or {}), "distance_m": round(other.distance_m, 2)}
            for other in place.candidates
        ],
    }


def _grid(grid: GridFacts | None) -> dict[str, str] | None:
    if grid is None:
        return None
    return {
        "code": grid.code,
        "name": grid.name,
        "path": grid.path,
        "community": grid.community_name,
    }


def _number(name: str) -> float | None:
    """A number of the query; None if it is missing."""
    given = request.args.get(name, "").strip()
    if not given:
        return None
    try:
        return float(given)
    except ValueError:
        message = _('%(name)s="%(given)s" is not a number.', name=name, given=given[:40])
        raise BadInput("bad_coordinates", message) from None
