"""Archives and files from outside: complete, harmless, and what they say they are."""

import contextlib
import io
import stat
import zipfile

import geopandas as gpd
import pyogrio
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gis.boundaries import inspect_file, read_boundaries
from gis.errors import GeoDataError, Reason
from gis.uploads import FileFormat, staged

STARTS = {
    ".zip": b"PK\x03\x04",
    ".shp": b"\x00\x00\x27\x0a",
    ".gpkg": b"SQLite format 3\x00",
    ".geojson": b'{"type":',
    ".kml": b"<kml>",
    ".fgb": b"fgb\x03fgb\x00",
}
PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")


@pytest.fixture(scope="module")
def shapefile(tmp_path_factory):
    """A shapefile's parts, by extension."""
    path = tmp_path_factory.mktemp("shapefile") / "grids.shp"
    frame = gpd.GeoDataFrame(
        {"code": ["1"]}, geometry=[shapely.box(106.25, 38.28, 106.251, 38.281)], crs="EPSG:4326"
    )
    pyogrio.write_dataframe(frame, path)
    return {part: path.with_suffix(part).read_bytes() for part in PARTS}


def zipped(path, entries, compression=zipfile.ZIP_DEFLATED):
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return path


def refused(path, **options):
    with pytest.raises(GeoDataError) as caught, staged(path, **options):
        pass
    return caught.value


def test_a_zipped_shapefile_is_read(tmp_path, shapefile):
    path = zipped(tmp_path / "a.zip", {f"grids{p}": c for p, c in shapefile.items()})
    assert list(read_boundaries(path, code_field="code")["code"]) == ["1"]


def test_folders_capitals_and_macos_leftovers_in_an_archive_do_no_harm(tmp_path, shapefile):
    entries = {f"out/Grids{p.upper()}": c for p, c in shapefile.items()}
    path = zipped(
        tmp_path / "a.zip", entries | {"__MACOSX/out/._Grids.shp": b"x", "readme.txt": b"x"}
    )
    with staged(path) as file:
        assert (file.name, file.format) == ("out/Grids.SHP", FileFormat.SHAPEFILE)
    assert len(read_boundaries(path)) == 1


def test_gbk_names_in_an_archive_are_read(tmp_path, shapefile):
    assert inspect_file(zipped_with_gbk_names(tmp_path, shapefile)).name == "网格/第一.shp"


def zipped_with_gbk_names(tmp_path, shapefile):
    """An archive whose names are GBK without the UTF-8 mark, as Chinese Windows writes it."""
    # zipfile itself can only write ASCII or UTF-8 names: put the bytes there afterwards.
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for part, content in shapefile.items():
            archive.writestr(f"WANG/DIYI{part}", content)
    data = buffer.getvalue().replace(b"WANG/", "网格".encode("gbk") + b"/")
    path = tmp_path / "gbk.zip"
    path.write_bytes(data.replace(b"/DIYI", b"/" + "第一".encode("gbk")))
    return path


def test_several_shapefiles_are_asked_for(tmp_path, shapefile):
    entries = {f"{name}{p}": c for name in ("grids", "communities") for p, c in shapefile.items()}
    path = zipped(tmp_path / "a.zip", entries)
    error = refused(path)
    assert error.reason is Reason.SEVERAL_FILES
    assert error.choices == ("communities.shp", "grids.shp")
    assert inspect_file(path, member="grids.shp").name == "grids.shp"
    assert refused(path, member="streets.shp").choices == error.choices


@pytest.mark.parametrize("part", [".dbf", ".shx"])
def test_a_shapefile_without_a_part_is_refused_by_the_name_of_the_part(tmp_path, shapefile, part):
    entries = {f"grids{p}": c for p, c in shapefile.items() if p != part}
    path = zipped(tmp_path / "a.zip", entries)
    error = refused(path)
    assert error.reason is Reason.INCOMPLETE_SHAPEFILE
    assert f"lacks its {part} file" in error.message
    alone = tmp_path / "grids.shp"
    alone.write_bytes(shapefile[".shp"])
    assert refused(alone).reason is Reason.INCOMPLETE_SHAPEFILE


@pytest.mark.parametrize(
    "name",
    [
        "../evil.shp",
        "a/../../evil.shp",
        "/etc/evil.shp",
        "C:\\evil.shp",
        "..\\evil.shp",
        "\\\\h\\e.shp",
    ],
)
def test_a_name_that_leads_out_of_the_archive_is_refused(tmp_path, shapefile, name):
    path = tmp_path / "a.zip"
    info = zipfile.ZipInfo("x")
    info.filename = name
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(info, b"x")
        for part, content in shapefile.items():
            archive.writestr(f"grids{part}", content)
    assert refused(path).reason is Reason.UNSAFE_ARCHIVE
    assert not (tmp_path.parent / "evil.shp").exists()


def test_a_symbolic_link_is_refused(tmp_path):
    path = tmp_path / "a.zip"
    info = zipfile.ZipInfo("grids.shp")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(info, "/etc/passwd")
    assert "symbolic link" in refused(path).message


def test_a_bomb_by_ratio_is_refused(tmp_path):
    error = refused(zipped(tmp_path / "a.zip", {"grids.geojson": b" " * 20_000_000}))
    assert error.reason is Reason.UNSAFE_ARCHIVE
    assert "grow more than 200 times" in error.message


def test_a_bomb_by_size_is_refused_before_it_is_unpacked(tmp_path):
    path = zipped(tmp_path / "a.zip", {"grids.geojson": b" " * 4096}, zipfile.ZIP_STORED)
    data, size = path.read_bytes(), (4096).to_bytes(4, "little")
    path.write_bytes(data.replace(size, (500_000_001).to_bytes(4, "little")))
    error = refused(path)
    assert error.reason is Reason.UNSAFE_ARCHIVE
    assert "500,000,001 bytes" in error.message


def test_an_entry_larger_than_it_says_is_refused(tmp_path):
    path = zipped(tmp_path / "a.zip", {"g.geojson": b" " * 4096}, zipfile.ZIP_STORED)
    data = path.read_bytes()
    size = (4096).to_bytes(4, "little")
    path.write_bytes(data.replace(size + size, size + (16).to_bytes(4, "little")))
    assert refused(path).reason is Reason.BROKEN_FILE


def test_too_many_entries_are_refused(tmp_path):
    path = zipped(tmp_path / "a.zip", {f"{n}.txt": b"" for n in range(1_001)})
    assert "1001 entries" in refused(path).message


def test_an_archive_with_a_password_is_refused(tmp_path, shapefile):
    path = zipped(tmp_path / "a.zip", {f"grids{p}": c for p, c in shapefile.items()})
    data = bytearray(path.read_bytes())
    for signature, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.find(signature)
        while at >= 0:
            data[at + flags] |= 1
            at = data.find(signature, at + 4)
    path.write_bytes(data)
    assert "password" in refused(path).message


def test_an_archive_without_boundaries_says_what_may_be_in_it(tmp_path):
    error = refused(zipped(tmp_path / "a.zip", {"readme.txt": b"x"}))
    assert error.reason is Reason.NO_BOUNDARY_FILE
    assert "GeoPackage" in error.message


@pytest.mark.parametrize("name", ["a.zip", "a.shp", "a.gpkg", "a.geojson", "a.kml", "a.fgb"])
def test_an_empty_file_is_refused(tmp_path, shapefile, name):
    for part in (".shx", ".dbf"):
        (tmp_path / f"a{part}").write_bytes(shapefile[part])
    (tmp_path / name).touch()
    assert refused(tmp_path / name).reason is Reason.EMPTY_FILE


@pytest.mark.parametrize("name", ["a.zip", "a.shp", "a.gpkg", "a.kml", "a.fgb"])
def test_a_text_under_a_false_extension_is_refused(tmp_path, shapefile, name):
    for part in (".shx", ".dbf"):
        (tmp_path / f"a{part}").write_bytes(shapefile[part])
    (tmp_path / name).write_text("these are no boundaries")
    assert refused(tmp_path / name).reason is Reason.BROKEN_FILE


@pytest.mark.parametrize(
    "text",
    [
        '<!DOCTYPE kml [<!ENTITY a SYSTEM "file:///etc/passwd">]><kml><name>&a;</name></kml>',
        '<?xml version="1.0"?><gml:FeatureCollection/>',
        "<!-- <kml> --><OGRVRTDataSource/>",
    ],
)
def test_xml_that_is_not_plain_kml_is_refused(tmp_path, text):
    path = tmp_path / "a.kml"
    path.write_text(text)
    assert refused(path).reason is Reason.BROKEN_FILE


@pytest.mark.parametrize("name", ["a.rar", "a.vrt", "a.dbf", "a", "a.tab"])
def test_an_unknown_extension_is_refused_with_the_known_ones(tmp_path, name):
    (tmp_path / name).write_bytes(b"x")
    error = refused(tmp_path / name)
    assert error.reason is Reason.UNKNOWN_FORMAT
    assert ".gpkg" in error.message


def test_a_file_that_is_not_there_is_said_so(tmp_path):
    assert refused(tmp_path / "a.gpkg").reason is Reason.NO_BOUNDARY_FILE
    assert refused("/vsicurl/http://localhost/a.gpkg").reason is Reason.NO_BOUNDARY_FILE


@given(st.sampled_from(["a.zip", "a.shp", "a.gpkg", "a.geojson", "a.kml", "a.fgb"]), st.data())
@settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_noise_in_a_file_is_refused_or_read_but_never_breaks(tmp_path, shapefile, name, data):
    path = tmp_path / name
    path.write_bytes(STARTS[path.suffix] + data.draw(st.binary(max_size=300)))
    for part in (".shx", ".dbf"):
        path.with_suffix(part).write_bytes(data.draw(st.binary(max_size=100)) or b"x")
    with contextlib.suppress(GeoDataError):
        inspect_file(path)


def test_a_refusal_names_the_file_as_the_person_does_and_no_path_of_ours(tmp_path):
    path = tmp_path / "streets.kml"
    path.write_text('<?xml version="1.0"?><kml xmlns="http://www.opengis.net/kml/2.2"><broken')
    with pytest.raises(GeoDataError) as refused:
        inspect_file(path)
    assert "streets.kml" in refused.value.message
    assert "/wangge-" not in refused.value.message
