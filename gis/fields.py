"""Which fields of a file may hold the code, the name and the parent's code of an area."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

# Usual names, likeliest first. A part in front (grid_code, 网格编码) is allowed; for the parent
# it is what tells it from the area's own code.
_CODE = ("code", "编码", "编号", "代码", "bm", "dm", "bh", "id", "no")
_NAME = ("name", "名称", "mc", "名")
_PARENT = ("parent", "community", "street", "社区", "街道", "居委会", "上级", "所属", "sq", "jd")


@dataclass(frozen=True)
class Field:
    """One field of a file.

    Attributes
    ----------
    name
        As it is called in the file.
    kind
        "text", "number" or "other".
    filled, distinct
        How many features have a value, and how many different values there are.
    samples
        Up to three of the values.
    """

    name: str
    kind: str
    filled: int
    distinct: int
    samples: tuple[str, ...]


@dataclass(frozen=True)
class FieldProposal:
    """Fields that may hold code, name and parent's code, likeliest first; a person decides."""

    code: tuple[str, ...]
    name: tuple[str, ...]
    parent: tuple[str, ...]


def describe_fields(table: pd.DataFrame) -> tuple[Field, ...]:
    """Describe the columns of a table, geometry left out."""
    return tuple(_describe(table[name].dropna(), str(name)) for name in table.columns)


def propose_fields(fields: Sequence[Field]) -> FieldProposal:
    """Propose fields by their names and by whether their values differ from feature to feature.

    Examples
    --------
    >>> fields = [
    ...     Field("网格编码", "text", 3, 3, ("640121001001001",)),
    ...     Field("网格名称", "text", 3, 3, ("第一网格",)),
    ...     Field("社区编码", "text", 3, 1, ("640121001001",)),
    ... ]
    >>> propose_fields(fields)
    FieldProposal(code=('网格编码',), name=('网格名称',), parent=('社区编码',))
    """
    parents = [f.name for f in fields if _is_about_parent(f)]
    own = [f for f in fields if f.name not in parents and f.filled]
    return FieldProposal(
        code=_ordered([f for f in own if f.distinct == f.filled], _CODE),
        name=_ordered([f for f in own if f.kind == "text"], _NAME),
        parent=tuple(
            sorted(parents, key=lambda name: not re.search("(?i)code|编码|代码|bm|dm", name))
        ),
    )


def as_codes(values: pd.Series) -> list[str]:
    """Values of a field as codes: text, without blanks around, whole numbers without ".0".

    A missing value becomes an empty text.

    Examples
    --------
    >>> as_codes(pd.Series([640121001001.0, None, 7.0]))
    ['640121001001', '', '7']
    >>> as_codes(pd.Series([" 640121001 ", "640121001001.0", None]))
    ['640121001', '640121001001', '']
    """
    return [_as_code(value) for value in values]


def _as_code(value: object) -> str:
    if value is None or value is pd.NA or value is pd.NaT:
        return ""
    if isinstance(value, float):
        if value != value:  # NaN
            return ""
        return str(int(value)) if value.is_integer() else repr(value)
    text = str(value).strip()
    return re.sub(r"^(\d+)\.0+$", r"\1", text)


def _describe(values: pd.Series, name: str) -> Field:
    if pd.api.types.is_numeric_dtype(values):
        kind = "number"
    else:
        kind = "text" if all(isinstance(value, str) for value in values) else "other"
    codes = as_codes(values)
    return Field(name, kind, len(codes), len(set(codes)), tuple(dict.fromkeys(codes))[:3])


def _ordered(fields: Sequence[Field], usual: tuple[str, ...]) -> tuple[str, ...]:
    """Fields of a usual name, in the order of the usual names."""
    ranked = [(rank, f.name) for f in fields if (rank := _rank(f, usual)) is not None]
    return tuple(name for _, name in sorted(ranked, key=lambda pair: pair[0]))


def _rank(field: Field, usual: tuple[str, ...]) -> int | None:
    name = field.name.lower()
    ranks = [rank for rank, word in enumerate(usual) if name == word]
    ranks += [rank + len(usual) for rank, word in enumerate(usual) if name.endswith(word)]
    return min(ranks, default=None)


def _is_about_parent(field: Field) -> bool:
    """Named after a larger area, unless its values never repeat: 社区编码 of the communities."""
    own = field.filled > 1 and field.distinct == field.filled
    return not own and any(word in field.name.lower() for word in _PARENT)
