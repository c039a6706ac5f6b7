"""What pages load comes from our own origin, and is there."""

import re
from pathlib import Path

import pytest

from tools.assets import FILES, ROOT, VENDOR, lay_out
from tools.stamps import Stamp
from tools.system import Missing

NAMED = re.compile(r"vendor/([\w.@-]+/[\w./-]+\.(?:js|css|svg|png|woff2))")


def modules(folder: Path, but: str = "") -> Path:
    """A folder like node_modules that has each file of FILES, but one."""
    for package, patterns in FILES.items():
        for pattern in patterns:
            path = folder / package / pattern.replace("*", "some")
            path.parent.mkdir(parents=True, exist_ok=True)
            if pattern != but:
                path.write_text(pattern)
    return folder


def test_files_keep_their_place_in_the_package_and_old_ones_go(tmp_path):
    vendor = tmp_path / "vendor"
    vendor.mkdir()
    (vendor / "old.js").touch()
    lay_out(modules(tmp_path / "modules"), vendor)
    assert (vendor / "leaflet/dist/leaflet.js").read_text() == "dist/leaflet.js"
    assert (vendor / "bootstrap-icons/icons/some.svg").exists()
    assert not (vendor / "old.js").exists()


def test_a_file_that_a_package_no_longer_has_is_named(tmp_path):
    with pytest.raises(Missing, match=r"leaflet has no dist/leaflet\.css"):
        lay_out(modules(tmp_path / "modules", but="dist/leaflet.css"), tmp_path / "vendor")


def test_every_vendor_file_that_a_page_names_is_there():
    sources = [p for p in (ROOT / "webapp").rglob("*") if p.suffix in {".html", ".py", ".js"}]
    ours = [p for p in sources if not p.is_relative_to(VENDOR)]
    named = {match for p in ours for match in NAMED.findall(p.read_text("utf-8"))}
    assert {n for n in named if not (VENDOR / n).is_file()} == set()


def test_the_lock_file_names_no_machine():
    assert '"resolved"' not in (ROOT / "package-lock.json").read_text()


def test_a_stamp_is_fresh_until_a_source_changes(tmp_path):
    source = tmp_path / "lock.json"
    source.write_text("1")
    stamp = Stamp(tmp_path / "stamp", source)
    assert not stamp.fresh()
    stamp.set()
    assert Stamp(tmp_path / "stamp", source).fresh()
    source.write_text("2")
    assert not Stamp(tmp_path / "stamp", source).fresh()
