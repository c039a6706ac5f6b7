"""Every table, so that the metadata is whole wherever this is imported."""

from webapp.cases import models as cases
from webapp.cases.life import models as life
from webapp.cases.notices import models as notices
from webapp.core import audit, jobs
from webapp.insight import models as insight
from webapp.insight.follows import models as follows
from webapp.people import models as people
from webapp.places import models as places
from webapp.standards import models as standards

__all__ = [
    "audit",
    "cases",
    "follows",
    "insight",
    "jobs",
    "life",
    "notices",
    "people",
    "places",
    "standards",
]
