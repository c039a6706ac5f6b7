"""What can be done to places: boundaries brought in, grids cut, managers named."""

from webapp.places.service.checking import check_boundaries
from webapp.places.service.cutting import CutOutcome, cut_community
from webapp.places.service.importing import FindingsStop, import_boundaries
from webapp.places.service.managers import assign_manager
from webapp.places.service.request import BoundaryCheck, Changes, ImportOutcome, ImportRequest

__all__ = [
    "BoundaryCheck",
    "Changes",
    "CutOutcome",
    "FindingsStop",
    "ImportOutcome",
    "ImportRequest",
    "assign_manager",
    "check_boundaries",
    "cut_community",
    "import_boundaries",
]
