"""A mapping says what the columns of a file mean, or where it is wrong."""

import pytest

from tests.factories.case_files import MAPPING
from tests.factories.cases import OTHER
from webapp.cases.importing import read_mapping
from webapp.core.errors import BadInput
from webapp.core.settings import ROOT


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("[columns]", "[colums]"), "colums"),
        (('created = "created"\n', ""), "created"),
        (('source = "old"', ""), "source"),
        (("= ", "= = "), "TOML"),
        (('source = "old"', 'source = "old"\ntime_zone = "Mars/Olympus"'), "Mars"),
        (('source = "old"', 'source = "old"\ndatum = "flat"'), "flat"),
        (('source = "old"', 'source = "old"\nencoding = "klingon"'), "klingon"),
        (('source = "old"', 'source = "old"\ncrs = "EPSG:0"'), "EPSG:0"),
        (('"handling"', '"juggling"'), "juggling"),
        (("{words}", "{words"), "words"),
        ((f'other = "{OTHER}"', ""), "other"),
    ],
    ids=str,
)
def test_a_mapping_that_is_wrong_says_where(app, change, words):
    with app.app_context(), pytest.raises(BadInput, match=words):
        read_mapping(MAPPING.replace(*change, 1).encode())


def test_the_mappings_that_come_with_the_program_can_be_read(app):
    with app.app_context():
        names = {
            read_mapping(path.read_bytes()).source
            for path in (ROOT / "data/mappings").glob("*.toml")
        }
    assert {"la311", "wangge"} <= names
