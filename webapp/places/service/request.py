"""What somebody asks to be imported, and what was found and would change."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import geopandas as gpd

from gis.datums import Datum
from gis.findings import Finding, Severity
from webapp.places.models import AreaLevel, BoundaryVersion
from webapp.places.rules import Node


@dataclass(frozen=True)
class ImportRequest:
    """A file of boundaries and a person's answers to what it does not say itself.

    `layer` is what the areas are, `file_layer` and `member` say where they are in the file.
    Without `valid_from` they are valid from today. `accept_findings` accepts all warnings and
    the proposed repairs.
    """

    path: Path
    source_name: str
    layer: AreaLevel
    file_layer: str | None = None
    member: str | None = None
    code_field: str | None = None
    name_field: str | None = None
    parent_field: str | None = None
    crs: str | None = None
    encoding: str | None = None
    swap_axes: bool = False
    datum: Datum | str = Datum.WGS84
    street_code: str | None = None
    street_name: str | None = None
    valid_from: date | None = None
    make_communities: bool = False
    accept_findings: bool = False
    illustrative: bool = False


@dataclass(frozen=True)
class Changes:
    """What a new version of a layer changes, by code."""

    layer: AreaLevel
    total: int
    new: tuple[str, ...]
    renamed: tuple[str, ...]
    gone: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class NewLayer:
    """A layer ready to be put in force.

    `areas` has code, name, path, parent_path (for grids the community's) and geometry. `carried`:
    the grids in force, taken over into new communities.
    """

    layer: AreaLevel
    areas: gpd.GeoDataFrame
    former: BoundaryVersion | None
    changes: Changes
    findings: list[Finding]
    carried: bool = False


@dataclass(frozen=True, eq=False)
class BoundaryCheck:
    """All that was found in a file, and what importing it would do.

    `areas` are as read, before any repair: row, code, name, parent_code, geometry.
    `layers` is empty while errors without a repair stand in the way. `carried_findings` are about
    the grids in force against new communities, numbered in the order of their codes.
    """

    request: ImportRequest
    branch: list[Node]
    valid_from: date
    revision: int
    areas: gpd.GeoDataFrame
    findings: list[Finding]
    carried_findings: list[Finding] = field(default_factory=list)
    layers: tuple[NewLayer, ...] = ()

    @property
    def street(self) -> Node:
        return self.branch[-1]

    @property
    def unmendable(self) -> list[Finding]:
        """Errors that no acceptance helps: the file itself must be mended."""
        return [f for f in self.findings if f.severity is Severity.ERROR and f.repair is None]

    @property
    def counts(self) -> Counter[str]:
        """How many findings there are of each kind."""
        return Counter(str(f.kind) for f in (*self.findings, *self.carried_findings))


@dataclass(frozen=True)
class ImportOutcome:
    """What an import has put in force."""

    versions: tuple[BoundaryVersion, ...]
    changes: tuple[Changes, ...]
    accepted: int
