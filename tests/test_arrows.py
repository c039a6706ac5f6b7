"""The house keeps its shape: which room may know of which (docs/architecture.md, "Rooms")."""

import ast
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FLOORS = (
    {"exchange", "insight", "planning", "desks", "sample"},
    {"cases"},
    {"standards"},
    {"places"},
    {"people"},
    {"mapping"},
    {"core"},
)  # a room knows itself and those on the floors below, and gis
FOLDERS = ("webapp", "gis", "tests", "tools", "bench", "migrations")
SOURCES = {".py", ".js", ".css", ".html"}
MAX_LINES = 400
DATABASE = ("sqlalchemy", "geoalchemy2")
REQUEST = ("flask.request", "flask.g", "flask.session", "flask.current_app", "flask_login")

FILES = [path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*.*"))]
CODE = [path for path in FILES if path.suffix == ".py"]
GIS = [path for path in CODE if path.is_relative_to(ROOT / "gis")]
ROOMS = [path for path in CODE if (ROOT / "webapp") in path.parents[1:]]


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def imports(path: Path) -> Iterator[str]:
    """Each module or name that a file imports, as `package.module.name`."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def within(module: str, packages: Iterable[str]) -> bool:
    return any(module == p or module.startswith(f"{p}.") for p in packages)


def offences(
    paths: Iterable[Path], found: Callable[[Path], Iterable[object]]
) -> dict[str, list[object]]:
    """The files in which something was found, with what it was."""
    return {name(path): what for path in paths if (what := list(found(path)))}


def furniture(kind: str) -> list[Path]:
    """The rooms' files of one kind, also where one has become a folder."""
    return [p for p in ROOMS if p.name == f"{kind}.py" or p.parent.name == kind]


def room(path: Path) -> str:
    return path.relative_to(ROOT / "webapp").parts[0]


def below(path: Path) -> list[str]:
    """The packages that a room's file may import of ours: its own, those below, and gis."""
    floor = next(i for i, rooms in enumerate(FLOORS) if room(path) in rooms)
    return [f"webapp.{r}" for r in {room(path)}.union(*FLOORS[floor + 1 :])]


def test_every_room_has_a_floor():
    folders = {room(path) for path in ROOMS}
    assert folders <= set().union(*FLOORS), "give the new room a floor here and in the papers"


def test_a_room_imports_only_itself_and_rooms_below():
    def upward(path: Path) -> list[str]:
        ours = [m for m in imports(path) if within(m, ["webapp", "tests", "tools"])]
        return [m for m in ours if not within(m, below(path))]

    assert offences(ROOMS, upward) == {}


def test_gis_knows_nothing_of_the_program():
    foreign = ("webapp", "tools", "tests", "flask", *DATABASE)
    assert offences(GIS, lambda p: [m for m in imports(p) if within(m, foreign)]) == {}


def test_rules_know_neither_web_nor_database():
    def impure(path: Path) -> list[str]:
        return [m for m in imports(path) if within(m, ("flask", *DATABASE))]

    assert offences(furniture("rules"), impure) == {}


def test_a_service_never_reads_the_request():
    def asks(path: Path) -> list[str]:
        return [m for m in imports(path) if m == "flask" or within(m, REQUEST)]

    assert offences(furniture("service"), asks) == {}


def test_a_service_never_commits():
    def commits(path: Path) -> list[int]:
        attributes = [n for n in ast.walk(tree(path)) if isinstance(n, ast.Attribute)]
        return [n.lineno for n in attributes if n.attr == "commit"]

    assert offences(furniture("service"), commits) == {}


def test_nothing_is_opened_at_import():
    """No module's top level makes an engine, an application or a connection."""
    makers = {"create_engine", "make_engine", "create_app", "connect"}
    plain = (ast.Assign, ast.AnnAssign, ast.Expr)

    def opened(path: Path) -> list[int]:
        statements = [s for s in tree(path).body if isinstance(s, plain)]
        calls = [n for s in statements for n in ast.walk(s) if isinstance(n, ast.Call)]
        return [c.lineno for c in calls if called(c) in makers]

    def called(call: ast.Call) -> str | None:
        return getattr(call.func, "id", getattr(call.func, "attr", None))

    assert offences(CODE, opened) == {}


def test_no_file_is_too_long_to_read():
    def too_long(path: Path) -> list[int]:
        count = len(path.read_text("utf-8").splitlines())
        return [count] if count > MAX_LINES else []

    generated = ("webapp/static/vendor/", "migrations/versions/")
    files = [p for p in FILES if p.suffix in SOURCES and not name(p).startswith(generated)]
    assert offences(files, too_long) == {}


def test_every_test_is_collected():
    """A test stands in a `test_*.py` file, and no second one of its name hides it."""

    def lost(path: Path) -> list[str]:
        functions = [n.name for n in tree(path).body if isinstance(n, ast.FunctionDef)]
        tests = [f for f in functions if f.startswith("test_")]
        hidden = [t for t in set(tests) if tests.count(t) > 1]
        return hidden if path.name.startswith("test_") else tests

    assert offences([p for p in CODE if p.is_relative_to(ROOT / "tests")], lost) == {}
