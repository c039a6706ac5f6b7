"""What can be done to places: boundaries brought in, grids cut, managers named."""

from webapp.places.service.checking import check_boundaries
from webapp.places.service.importing import FindingsStop, import_boundaries
from webapp.places.service.request import BoundaryCheck, ImportOutcome, ImportRequest

__all__ = [
    "BoundaryCheck",
    "FindingsStop",
    "ImportOutcome",
    "ImportRequest",
    "check_boundaries",
    "import_boundaries",
]
