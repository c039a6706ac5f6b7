"""Coordinates on the map in a real browser: each datum as the program itself has it."""

import re
from typing import ClassVar

import numpy as np
import pytest
from flask import Flask, Response, render_template_string

from gis.coordinates import Datum, from_wgs84, to_wgs84
from tests import scenes
from tests.factories.cases import Ground, make_ground
from webapp import create_app
from webapp.mapping.page import build_map

READY = "#map-page:not([data-loading])"


scene = scenes.by(town=make_ground)


@pytest.fixture
def town(scene, session) -> Ground:
    return scene.on(session)


@pytest.mark.parametrize("datum", list(Datum))
def test_coordinates_in_the_browser_are_those_of_the_program(page, town, datum):
    page.goto("/map")
    page.wait_for_selector(READY)
    rng = np.random.default_rng(3)
    lon = np.append(rng.uniform(60, 145, 200), [106.25, 72.004, 137.8347, 100])
    lat = np.append(rng.uniform(-10, 60, 200), [38.28, 30, 30, 55.8271])
    there, back = page.evaluate(
        """async ([lon, lat, datum]) => {
          const {fromWgs84, toWgs84} = await import("/static/js/mapping/datums.js");
          return [fromWgs84, toWgs84].map((turn) => lon.map((x, i) => turn(x, lat[i], datum)));
        }""",
        [lon.tolist(), lat.tolist(), datum.value],
    )
    for ours, theirs in ((from_wgs84, there), (to_wgs84, back)):
        expected = np.column_stack(ours(lon, lat, datum))
        np.testing.assert_allclose(np.array(theirs), expected, rtol=0, atol=1e-9)


def test_coordinates_follow_the_pointer_in_the_chosen_datum(page, town):
    page.goto("/map")
    page.wait_for_selector(READY)
    page.select_option(".map-coordinates-datum", "gcj02")
    page.mouse.move(800, 400)
    shown = page.locator(".map-coordinates-text")
    lat, lon = (float(part) for part in shown.inner_text().split(","))
    page.select_option(".map-coordinates-datum", "wgs84")
    wgs_lat, wgs_lon = (float(part) for part in shown.inner_text().split(","))
    assert (lon, lat) == pytest.approx(from_wgs84(wgs_lon, wgs_lat, "gcj02"), abs=2e-5)
    page.reload()
    assert page.locator(".map-coordinates-datum").input_value() == "wgs84"


class TestBaseMap:
    """Tiles of a shifted datum lie under the features to which they belong."""

    # in pixels, for tiles beyond the screen's edge too
    OFF_BY: ClassVar = {"wgs84": 1, "gcj02": 5, "bd09": 20}

    @pytest.fixture(params=["wgs84", "gcj02", "bd09"])
    def app(self, database, request) -> Flask:
        app = create_app(
            engine=database,
            testing=True,
            secret_key="only for tests",
            tile_url="/tile/{z}/{x}/{y}.svg",
            tile_attribution="tiles of this test",
            tile_datum=request.param,
        )
        picture = "<svg xmlns='http://www.w3.org/2000/svg' width='256' height='256'/>"
        app.add_url_rule(
            "/tile/<int:z>/<int:x>/<int:y>.svg",
            "tile",
            lambda z, x, y: Response(picture, mimetype="image/svg+xml"),
        )
        app.add_url_rule("/place", "place", self.place)
        return app

    def place(self) -> str:
        fragments = build_map("place", center=(38.28, 106.25), zoom=15)
        return render_template_string(
            "<!doctype html><title>map</title><link rel='icon' href='data:,'>"
            "<style nonce='{{ csp_nonce() }}'>html, body { height: 100%; margin: 0 }</style>"
            "{% from 'mapping/map.html' import map_view %}{{ map_view(fragments) }}",
            fragments=fragments,
        )

    def test_a_tile_lies_where_its_place_is_wherever_the_map_is_moved(self, page, app):
        page.goto("/place")
        page.wait_for_selector(".map-base img.leaflet-tile-loaded")
        tile_datum = app.config["WANGGE"].tile_datum
        for move in ((0, 0), (700, 300), (-900, 200), (0, -800)):
            page.evaluate(
                """async (by) => (await (await import("/static/js/mapping/ready.js"))
                  .whenMap("place")).panBy(by, {animate: false})""",
                move,
            )
            page.wait_for_timeout(300)
            tiles = page.evaluate(
                """() => [...document.querySelectorAll("img.leaflet-tile")].map((img) => {
                  const {x, y} = img.getBoundingClientRect();
                  return [img.src, x, y];
                })"""
            )
            assert len(tiles) >= 12
            there = page.evaluate(
                """async (places) => {
                  const map = await (await import("/static/js/mapping/ready.js")).whenMap("place");
                  return places.map(([lon, lat]) => {
                    const {x, y} = map.latLngToContainerPoint([lat, lon]);
                    return [x, y];
                  });
                }""",
                [corner(source, tile_datum) for source, _left, _top in tiles],
            )
            for (source, left, top), seen in zip(tiles, there, strict=True):
                near = pytest.approx(seen, abs=self.OFF_BY[tile_datum])
                assert (left, top) == near, (move, source)


def corner(source: str, datum: str) -> list[float]:
    """The WGS-84 place of a tile's north-western corner: longitude, latitude."""
    z, x, y = (int(n) for n in re.search(r"/(\d+)/(\d+)/(\d+)\.svg", source).groups())
    lon = x / 2**z * 360 - 180
    lat = np.degrees(np.arctan(np.sinh(np.pi * (1 - 2 * y / 2**z))))
    return [float(n) for n in to_wgs84(lon, float(lat), datum)]
