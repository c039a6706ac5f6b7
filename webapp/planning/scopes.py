"""The scopes in which a rule can be made: areas and classes, from wide to narrow, with names."""

from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.core.errors import BadInput
from webapp.people.models import Office
from webapp.places.locating import office_today
from webapp.places.models import Area, Community, Grid
from webapp.places.stored import in_force
from webapp.standards.models import ClassKind
from webapp.standards.service import OfficeStandards
from webapp.standards.wording import class_name, class_scope_words


@dataclass(frozen=True)
class Scope:
    """One area or class path with its name; `depth` is how far it lies inside the first."""

    path: str
    name: str
    depth: int


def area_scopes(session: Session, office: Office, *, grids_of: str | None = None) -> list[Scope]:
    """The whole office, its streets and communities in force, and the grids of one community."""
    today = office_today(office)
    communities = select(Community.area_id).where(in_force(Community, today))
    wanted = Area.id.in_(communities) | Area.id.in_(
        select(Area.parent_id).where(Area.id.in_(communities))
    )
    if grids_of is not None:
        grids = select(Grid.area_id).where(in_force(Grid, today))
        wanted |= Area.id.in_(grids) & Area.path.startswith(grids_of, autoescape=True)
    inside = Area.path.startswith(office.area_path, autoescape=True)
    found = session.scalars(select(Area).where(inside, wanted).order_by(Area.path))
    root = Scope(office.area_path, office.name, 0)
    below = [_area_scope(office, area) for area in found if area.path != office.area_path]
    return [root, *below]


def area_scope(session: Session, office: Office, path: str) -> Scope:
    """The scope of one area path of the office; BadInput for any other."""
    if path == office.area_path:
        return Scope(path, office.name, 0)
    area = session.scalar(select(Area).where(Area.path == path))
    if area is None or not path.startswith(office.area_path):
        raise BadInput("area", _("There is no area “%(path)s” in this office.", path=path[:80]))
    return _area_scope(office, area)


def class_scopes(standards: OfficeStandards) -> list[Scope]:
    """Everything, then each kind, group, class and condition, the wide before the narrow."""
    rank = {kind: at for at, kind in enumerate(ClassKind)}
    classes = sorted(standards.classes.values(), key=lambda c: (rank[ClassKind(c.kind)], c.path))
    conditions = {rows[-1].path: rows[-1] for rows in standards.history.values()}
    scopes = {"/": Scope("/", _("everything"), 0)}
    for row in classes:
        group = row.path[: row.path.rindex("/", 0, -1) + 1]
        for path, depth in ((f"/{row.kind}/", 1), (group, 2)):
            if path not in scopes:
                scopes[path] = Scope(path, class_scope_words(standards, path), depth)
        scopes[row.path] = Scope(row.path, class_name(row), 3)
        own = (path for path in sorted(conditions) if path.startswith(row.path))
        scopes |= {path: Scope(path, class_name(conditions[path]), 4) for path in own}
    return list(scopes.values())


def class_scope(standards: OfficeStandards, path: str) -> Scope:
    """The scope of one class path; BadInput where the office has none."""
    for scope in class_scopes(standards):
        if scope.path == path:
            return Scope(path, class_scope_words(standards, path), scope.depth)
    raise BadInput("class", _("There is no class “%(path)s” in this office.", path=path[:80]))


def _area_scope(office: Office, area: Area) -> Scope:
    return Scope(area.path, area.name, area.path.count("/") - office.area_path.count("/"))
