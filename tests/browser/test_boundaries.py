"""The way of a file of boundaries in, seen in a browser; names from files are text and stay so."""

import pytest
import shapely

import gis.vector  # noqa: F401 - before GDAL writes anything
from tests.factories.people import PASSWORD, make_office, make_person
from tests.factories.places import STEP, WEST, draw
from webapp.people.models import Role

EVIL = ("<img src=x onerror=\"document.title='owned'\">", "${document.title='owned'}")


@pytest.fixture
def administrator(session):
    person = make_person(
        session, make_office(session, code="640121001"), Role.ADMINISTRATOR, username="chief"
    )
    session.commit()
    return person


def test_names_from_a_file_are_harmless_and_findings_show_their_place(
    page, administrator, tmp_path
):
    communities, _ = draw()
    communities["name"] = EVIL
    communities.loc[0, "geometry"] = shapely.box(WEST, 38.28, WEST + 2.5 * STEP, 38.282)
    communities.to_file(tmp_path / "c.geojson")
    page.goto("/sign-in?next=/admin/places/import")
    page.fill("[name=username]", "chief")
    page.fill("[name=password]", PASSWORD)
    page.click("main button.btn-primary")
    page.set_input_files("[name=file]", tmp_path / "c.geojson")
    page.click("main form button.btn-primary")
    page.select_option("[name=name_field]", "name")
    assert EVIL[0] in page.inner_text(".samples")
    page.click(".answers .btn-primary")
    finding = page.locator(".finding").first
    finding.click()
    assert finding.get_attribute("aria-current") == "true"
    page.wait_for_selector(".findings-map path.leaflet-interactive")
    page.check("#accept")
    page.click(".apply-form .btn-primary")
    page.wait_for_selector(".place-name")
    assert page.locator(".place-name").all_inner_texts() == list(EVIL)
    assert "owned" not in page.title()
