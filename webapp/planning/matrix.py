"""The routing rules as a matrix: classes down, areas across, each cell who leads there."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _

from webapp.planning.scopes import Scope
from webapp.standards.rules import COMMUNITY, Party, Rule
from webapp.standards.service import OfficeStandards

COLUMNS_A_PAGE = 16
GROUP, CLASS = 2, 3  # depths of class scopes
SUFFIXES = ("服务中心", "管理办公室", "办公室", "中心", "社区")


@dataclass(frozen=True)
class Cell:
    """Who leads in one scope: by a rule of its own, or by one that it lies in."""

    area_path: str
    class_path: str
    own: bool
    answered: bool  # some rule holds here
    lead: str  # short
    lead_full: str
    deeper: int  # rules for parts of this scope


@dataclass(frozen=True)
class Row:
    scope: Scope
    cells: list[Cell]


@dataclass(frozen=True)
class Block:
    """A group of classes, its own row first; without a group: the rows above all groups."""

    head: Row
    rows: list[Row]

    @property
    def own_inside(self) -> int:
        """Cells below the head that differ from what holds for the whole office."""
        return sum(cell.own for row in self.rows for cell in row.cells[1:])


def matrix(
    standards: OfficeStandards, areas: Sequence[Scope], classes: Sequence[Scope]
) -> list[Block]:
    """The blocks of the matrix for these columns; `classes` as `scopes.class_scopes` has them."""
    shown = [scope for scope in classes if scope.depth <= CLASS]
    deeper = _deeper(standards.router.rules, {a.path for a in areas}, {c.path for c in shown})
    names = ShortNames(standards)
    blocks: list[Block] = []
    for scope in shown:
        cells = [_cell(standards, area.path, scope.path, names, deeper) for area in areas]
        row = Row(scope, cells)
        if scope.depth < CLASS:
            blocks.append(Block(row, []))
        else:
            blocks[-1].rows.append(row)
    return blocks


class ShortNames:
    """Departments' names without what many of them end in, where that leaves them different."""

    def __init__(self, standards: OfficeStandards) -> None:
        self.full = standards.departments
        cut = {number: _cut(name) for number, name in self.full.items()}
        times = Counter(cut.values())
        self.short = {n: s if times[s] == 1 else self.full[n] for n, s in cut.items()}

    def of(self, party: Party | None) -> tuple[str, str]:
        """Short and full name of who leads."""
        if party is None:
            return _("desk"), _("the dispatcher's desk")
        if party == COMMUNITY:
            return _("community"), _("the community of the place")
        return self.short[party], self.full[party]


def _cut(name: str) -> str:
    for suffix in SUFFIXES:
        if name.endswith(suffix) and len(name) > len(suffix) + 1:
            return name.removesuffix(suffix)
    return name


def _cell(
    standards: OfficeStandards,
    area_path: str,
    class_path: str,
    names: ShortNames,
    deeper: Counter[tuple[str, str]],
) -> Cell:
    router = standards.router
    winner = router.route(area_path, class_path).winner
    short, full = names.of(winner.lead) if winner else ("", "")
    own = router.own_rule(area_path, class_path) is not None
    inside = deeper[area_path, class_path]
    return Cell(area_path, class_path, own, winner is not None, short, full, inside)


def _deeper(rules: Iterable[Rule], areas: set[str], classes: set[str]) -> Counter[tuple[str, str]]:
    """How many rules each cell has for a part of it that the matrix does not show."""
    found: Counter[tuple[str, str]] = Counter()
    for rule in rules:
        area = _nearest(rule.area_path, areas)
        of_class = _nearest(rule.class_path, classes)
        if area and of_class and (area, of_class) != (rule.area_path, rule.class_path):
            found[area, of_class] += 1
    return found


def _nearest(path: str, shown: set[str]) -> str | None:
    """The narrowest of the shown paths in which this one lies."""
    return max((p for p in shown if path.startswith(p)), key=len, default=None)
