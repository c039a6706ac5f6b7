"""The sample sub-district: real names and codes, illustrative boundaries, invented reports."""

from datetime import date, datetime

from sqlalchemy.orm import Session

from webapp.core.settings import ROOT
from webapp.people.models import Office
from webapp.people.service import create_office
from webapp.places.models import AreaLevel
from webapp.places.service import ImportRequest, import_boundaries
from webapp.sample.people import PATH, load_people
from webapp.standards.service import import_departments, import_standards, import_tasks

DATA = ROOT / "data"
STREET = "640121001"
VALID_FROM = date(2021, 1, 1)


def load_office(session: Session, now: datetime) -> Office:
    """The office with its standards, places and people; the reports come after the commit."""
    office = create_office(
        session,
        code=STREET,
        name="团结西路街道",
        area_path=PATH,
        number_prefix="T",
        is_sample=True,
    )
    _load_places(session, office, now)
    tables = DATA / "standards"
    import_departments(session, office, tables / "departments.csv")
    import_tasks(session, office, tables / "tasks.csv", now)
    import_standards(session, office, tables / "standards.csv", now)
    load_people(session, office, now)
    office.revision += 1
    return office


def _load_places(session: Session, office: Office, now: datetime) -> None:
    for layer, file in ((AreaLevel.COMMUNITY, "communities.shp"), (AreaLevel.GRID, "grids.shp")):
        request = ImportRequest(
            path=DATA / "shapefiles" / file,
            source_name=file,
            layer=layer,
            code_field="code",
            name_field="name",
            parent_field="parent" if layer is AreaLevel.GRID else None,
            street_code=STREET,
            street_name="团结西路街道",
            valid_from=VALID_FROM,
            illustrative=True,
        )
        import_boundaries(session, office, request, now, None)
