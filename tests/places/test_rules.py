"""Codes of areas and the paths they make."""

import pytest

from webapp.places.rules import (
    CodeFault,
    branch_of,
    code_fault,
    official_parent,
    segment,
    street_branch,
)


@pytest.mark.parametrize(
    ("code", "level", "parent"),
    [
        ("640121001003012", "grid", "640121001003"),
        ("640121001003", "community", "640121001"),
        ("640121001", "street", "640121"),
        ("640121", "county", ""),
        ("64012100100301", "grid", ""),
        ("64012100100301x", "grid", ""),
        ("17", "community", ""),
        ("٦٤٠١٢١٠٠١٠٠٣", "community", ""),
    ],
)
def test_an_official_code_says_its_parents(code, level, parent):
    assert official_parent(code, level) == parent


@pytest.mark.parametrize(
    ("code", "parent", "part"),
    [
        ("640121001003", "640121001", "003"),
        ("640121001003012", "640121001003", "012"),
        ("640121002003", "640121001", "640121002003"),
        ("640121001003", "640121001003", "640121001003"),
        ("10", "1", "10"),
        ("LA-7", "LA", "LA-7"),
    ],
)
def test_a_path_is_cut_only_where_an_official_parent_ends(code, parent, part):
    assert segment(code, parent) == part


@pytest.mark.parametrize(
    ("code", "office_path", "paths"),
    [
        ("640121001", "/640121/001/", ["/640121/", "/640121/001/"]),
        ("640121001", "/640121/", ["/640121/", "/640121/001/"]),
        ("LA", "/LA/", ["/LA/"]),
        ("West", "/LA/", ["/LA/", "/LA/West/"]),
    ],
)
def test_a_street_stands_where_its_code_or_its_office_says(code, office_path, paths):
    assert [node.path for node in street_branch(code, office_path)] == paths


def test_the_areas_on_a_path_have_whole_codes():
    nodes = branch_of("/640121/001/")
    assert [(node.level, node.code) for node in nodes] == [
        ("county", "640121"),
        ("street", "640121001"),
    ]


@pytest.mark.parametrize(
    ("code", "fault"),
    [
        ("640121001003", None),
        ("城关-1", None),
        ("1/2", CodeFault.SLASH),
        ("1\x002", CodeFault.INVISIBLE),
        ("1\u202e2", CodeFault.INVISIBLE),
        ("9" * 65, CodeFault.LONG),
    ],
)
def test_what_cannot_be_a_code_is_told(code, fault):
    assert code_fault(code) == fault
