"""Reports as a file with its mapping, as an office would hand them in."""

import csv
from pathlib import Path

import pandas as pd
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from bench._world import CRS, synthetic_cases
from webapp.cases.importing import CaseMapping, import_cases, read_mapping
from webapp.core.settings import ROOT
from webapp.people.models import Office

CLASSES = 60


def class_words() -> dict[str, str]:
    """What a source calls the first 60 conditions of the sample's standards, and their codes."""
    with (ROOT / "data" / "standards" / "standards.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))[:CLASSES]
    return {f"{row['name_zh']}：{row['condition_zh']}": row["condition_code"] for row in rows}


def write_cases(path: Path, count: int, *, all_open: bool = False, prefix: str = "R") -> None:
    """A CSV of `count` reports over two years; the commonest classes are the first."""
    cases_table(count, all_open=all_open, prefix=prefix).to_csv(path, index=False)


def write_parts(folder: Path, count: int, part: int) -> list[Path]:
    """The same in files of `part` reports each."""
    table = cases_table(count)
    paths = []
    for start in range(0, count, part):
        paths.append(folder / f"{count}-{start}.csv")
        table[start : start + part].to_csv(paths[-1], index=False)
    return paths


def cases_table(count: int, *, all_open: bool = False, prefix: str = "R") -> pd.DataFrame:
    words = list(class_words())
    cases = synthetic_cases(count)
    closed = cases.closed.where(~cases.closed.isna() & (not all_open))
    return pd.DataFrame(
        {
            "id": prefix + cases.case_id.astype(str),
            "class": [words[number % len(words)] for number in cases.category],
            "state": closed.isna().map({True: "open", False: "closed"}),
            "created": cases.created.dt.strftime("%Y-%m-%d %H:%M:%S"),
            "closed": closed.dt.strftime("%Y-%m-%d %H:%M:%S"),
            "x": cases.x.round(2),
            "y": cases.y.round(2),
        }
    )


def mapping() -> CaseMapping:
    values = "\n".join(f'"{word}" = "{code}"' for word, code in class_words().items())
    toml = f"""
source = "bench"
crs = "{CRS}"
[columns]
external_id = "id"
class = "class"
state = "state"
created = "created"
closed = "closed"
longitude = "x"
latitude = "y"
[text]
description = "{{class}}"
[classes]
other = "E99-999.1"
[states]
values = {{ open = "reported", closed = "closed" }}
[classes.values]
{values}
"""
    return read_mapping(toml.encode())


def import_file(engine: Engine, path: Path) -> None:
    """What `flask cases import` does, for the only office."""
    with Session(engine, expire_on_commit=False) as session:
        office = session.scalars(select(Office)).one()
        run = import_cases(session, office, path, mapping()).run
        assert run.imported + run.unplaced + run.rejected == run.total_rows
        assert run.rejected == 0, "the reports are good: none should be rejected"
