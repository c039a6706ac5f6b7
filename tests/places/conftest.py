"""What the tests of places share: an office, and files of boundaries as people bring them."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest

from tests.factories.people import make_office
from webapp.places.models import AreaLevel
from webapp.places.service import ImportRequest, import_boundaries

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
FIELDS = {"code_field": "code", "name_field": "name"}
LEVELS = {"communities": AreaLevel.COMMUNITY, "grids": AreaLevel.GRID}


@pytest.fixture
def office(session):
    return make_office(session, code="640121001")


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write areas into a file: `write(areas, "grids.gpkg")`."""

    def write_file(areas: gpd.GeoDataFrame, name: str, **options: Any) -> Path:
        path = tmp_path / name
        path.unlink(missing_ok=True)
        areas.to_file(path, **options)
        return path

    return write_file


@pytest.fixture
def bring(session, office, write) -> Callable[..., Any]:
    """Import areas: `bring(areas, "grids", valid_from=…)`; answers the outcome."""

    def bring_in(areas: gpd.GeoDataFrame, layer: str, **answers: Any) -> Any:
        path = write(areas, f"{layer}.geojson")
        return import_boundaries(session, office, ask(path, layer, **answers), NOW, None)

    return bring_in


def ask(path: Path, layer: str, **answers: Any) -> ImportRequest:
    """A request about a file with the fields code, name and, of grids, parent_code."""
    parent = {"parent_field": "parent_code"} if layer == "grids" else {}
    facts = {"path": path, "source_name": path.name, "layer": LEVELS[layer], **FIELDS, **parent}
    return ImportRequest(**facts | answers)


def day(text: str) -> date:
    return date.fromisoformat(text)
