"""The codes of areas and their places in the tree.

The official form has 6 digits for a county, 9 for a street, 12 for a community and 15 for a grid,
each beginning with the code of the area above. Other codes are accepted as they come.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

OFFICIAL_LENGTHS = {"county": 6, "street": 9, "community": 12, "grid": 15}
MAX_CODE_LENGTH = 64


@dataclass(frozen=True)
class Node:
    """An area's place in the tree before it is a row."""

    level: str
    code: str
    path: str


def is_official(code: str, level: str) -> bool:
    """Whether a code has the official form of a level.

    >>> is_official("640121001", "street"), is_official("64012100100", "street")
    (True, False)
    """
    return re.fullmatch(r"[0-9]+", code) is not None and len(code) == OFFICIAL_LENGTHS[level]


def official_parent(code: str, level: str) -> str:
    """The code that an official code of a level says its parent has, else an empty text.

    >>> official_parent("640121001003", "community"), official_parent("17", "community")
    ('640121001', '')
    """
    lengths = list(OFFICIAL_LENGTHS.values())
    above = lengths.index(OFFICIAL_LENGTHS[level]) - 1
    return code[: lengths[above]] if above >= 0 and is_official(code, level) else ""


def segment(code: str, parent_code: str) -> str:
    """The part of a path that an area adds to its parent's.

    A code that goes on where an official parent's ends is cut there; others stay whole, so that
    council 10 under council 1 is not taken for a part 0 of it.

    >>> segment("640121001003", "640121001"), segment("10", "1"), segment("LA", "")
    ('003', '10', 'LA')
    """
    official = parent_code.isdigit() and len(parent_code) in OFFICIAL_LENGTHS.values()
    if official and code.startswith(parent_code) and len(code) > len(parent_code):
        return code[len(parent_code) :]
    return code


class CodeFault(StrEnum):
    """What keeps a text from being a code."""

    SLASH = "it holds a slash, which separates the codes of a path"
    INVISIBLE = "it holds invisible characters"
    LONG = f"it has more than {MAX_CODE_LENGTH} characters"


def code_fault(code: str) -> CodeFault | None:
    """What is wrong with a code, if anything.

    >>> code_fault("640121001003"), code_fault("a/b").name
    (None, 'SLASH')
    """
    if "/" in code:
        return CodeFault.SLASH
    if not code.isprintable():
        return CodeFault.INVISIBLE
    return CodeFault.LONG if len(code) > MAX_CODE_LENGTH else None


def branch_of(path: str) -> list[Node]:
    """The areas on the way to a path, whose codes are what the segments say.

    >>> [(node.code, node.path) for node in branch_of("/640121/001/")]
    [('640121', '/640121/'), ('640121001', '/640121/001/')]
    """
    nodes: list[Node] = []
    code, so_far = "", "/"
    for part in filter(None, path.split("/")):
        joined = code + part
        goes_on = code.isdigit() and any(is_official(joined, level) for level in OFFICIAL_LENGTHS)
        code = joined if goes_on else part
        so_far += f"{part}/"
        level = next((name for name in OFFICIAL_LENGTHS if is_official(code, name)), "county")
        nodes.append(Node(level, code, so_far))
    return nodes


def street_branch(code: str, office_path: str) -> list[Node]:
    """The areas down to a street: by its official code, else below what the office looks after.

    >>> [node.path for node in street_branch("640121001", "/640121/")]
    ['/640121/', '/640121/001/']
    >>> [node.path for node in street_branch("LA", "/LA/")]
    ['/LA/']
    >>> [node.path for node in street_branch("West", "/LA/")]
    ['/LA/', '/LA/West/']
    """
    if is_official(code, "street"):
        return branch_of(f"/{code[:6]}/{code[6:]}/")
    above = branch_of(office_path)
    if above and above[-1].code == code:
        above.pop()
    root, parent_code = (above[-1].path, above[-1].code) if above else ("/", "")
    return [*above, Node("street", code, f"{root}{segment(code, parent_code)}/")]
