"""A Folium map becomes fragments of our own page: own assets, nonces, nothing inline."""

import re
import time

import pytest
from flask import Flask, render_template_string

from webapp import create_app
from webapp.mapping.elements import literal
from webapp.mapping.page import CONTROLS, build_map

PLACE = {"center": (38.28, 106.25), "zoom": 14}
PAGE = '{% from "mapping/map.html" import map_view %}{{ map_view(fragments) }}'


@pytest.fixture
def here(app: Flask):
    with app.test_request_context("/"):
        app.preprocess_request()  # makes the nonces
        yield app


def rendered(**options) -> str:
    return render_template_string(PAGE, fragments=build_map("place", **PLACE | options))


def test_a_map_asks_no_other_host(here):
    page = rendered(controls=CONTROLS)
    assert not re.findall(r"""(?:src|href)=["'](?!/static/)""", page)
    assert "//" not in re.sub(r'"/static/[^"]*"', "", page)


def test_every_script_has_the_nonce_and_nothing_is_inline(here):
    page = rendered(controls=CONTROLS)
    scripts = re.findall(r"<script[^>]*>", page)
    assert len(scripts) == 4
    assert all(re.search(r'nonce="[^"]{20,}"', script) for script in scripts)
    assert " style=" not in page
    assert "<style" not in page
    assert not re.search(r"\son[a-z]+=", page)


def test_the_assets_are_there(here):
    fragments = build_map("place", **PLACE, controls=CONTROLS)
    client = here.test_client()
    for url in (*fragments.stylesheets, *fragments.scripts):
        with client.get(url) as answer:
            assert answer.status_code == 200, url
    imported = re.findall(r'from "(/static/js/mapping/[^"]+)"', fragments.script)
    assert "/static/js/mapping/ready.js" in imported
    for url in imported:
        with client.get(url) as answer:
            assert answer.status_code == 200, url


def test_leaflet_comes_before_its_plugins(here):
    scripts = build_map("place", **PLACE).scripts
    assert scripts[0].endswith("leaflet.js")
    assert not any("jquery" in url or "awesome" in url for url in scripts)


def test_the_same_map_renders_the_same_text(here):
    from webapp.mapping.page import _render

    first = build_map("place", **PLACE, controls=CONTROLS)
    _render.cache_clear()
    assert build_map("place", **PLACE, controls=CONTROLS) == first


def test_a_map_is_rendered_in_less_than_15_ms(here):
    build_map("place", **PLACE)
    spent = []
    for n in range(5):
        begun = time.process_time()
        build_map(f"place{n}", **PLACE, controls=CONTROLS)
        spent.append(time.process_time() - begun)
    assert min(spent) < 0.015


@pytest.mark.parametrize("element_id", ["", "1map", "a-b", "a b", "x;alert(1)", "Ä"])
def test_an_id_that_is_no_name_is_refused(here, element_id):
    with pytest.raises(ValueError, match="element id"):
        build_map(element_id, **PLACE)


def test_an_unknown_control_is_refused(here):
    with pytest.raises(ValueError, match="unknown controls"):
        build_map("place", **PLACE, controls=frozenset({"compass"}))


def test_there_is_no_base_map_by_default(here):
    assert "addBaseMap" not in build_map("place", **PLACE).script


def test_the_operators_tiles_come_with_their_datum_and_may_be_fetched(database):
    url = "https://{s}.tiles.example/{z}/{x}/{y}.png"
    app = create_app(
        engine=database,
        testing=True,
        secret_key="x",
        tile_url=url,
        tile_attribution='<a href="https://tiles.example">Tiles</a>',
        tile_datum="gcj02",
    )
    with app.test_request_context("/"):
        script = build_map("place", **PLACE).script
    assert '"datum": "gcj02"' in script
    assert url in script
    assert "<a" not in script
    policy = app.test_client().get("/healthz").headers["Content-Security-Policy"]
    assert "https://*.tiles.example" in policy


def test_a_datum_that_is_none_is_refused(database):
    app = create_app(engine=database, testing=True, secret_key="x", tile_url="/t", tile_datum="x")
    with app.test_request_context("/"), pytest.raises(ValueError, match="Datum"):
        build_map("place", **PLACE)


def test_a_literal_ends_no_script_and_begins_no_template():
    text = literal({"words": "</script><script>{{ 7 * 7 }}{% raw %}{# note #}"})
    assert not re.search(r"[<>&]|\{\{|\{%|\{#", text)
