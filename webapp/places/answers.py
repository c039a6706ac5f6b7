"""A person's answers to what a file of boundaries does not say, between page and import."""

from datetime import date
from typing import Any

from gis.datums import Datum
from webapp.places.models import AreaLevel
from webapp.places.service import ImportRequest
from webapp.places.uploads import Upload

_TEXTS = (
    "layer", "code_field", "name_field", "parent_field", "encoding", "datum", "street_code",
    "street_name",
)  # fmt: skip


def request_of(upload: Upload, *, accept_findings: bool = False) -> ImportRequest:
    """The import that the answers kept with an upload ask for."""
    answers = upload.read("answers") or {}
    return ImportRequest(
        path=upload.path,
        source_name=upload.name,
        layer=AreaLevel(answers["layer"]),
        file_layer=answers["file_layer"],
        member=answers["member"],
        code_field=answers["code_field"],
        name_field=answers["name_field"],
        parent_field=answers["parent_field"],
        crs=answers["crs"],
        swap_axes=answers["swap_axes"],
        encoding=answers["encoding"],
        datum=Datum(answers["datum"]),
        street_code=answers["street_code"],
        street_name=answers["street_name"],
        valid_from=date.fromisoformat(answers["valid_from"]),
        make_communities=answers["make_communities"],
        illustrative=answers["illustrative"],
        accept_findings=accept_findings,
    )


def answers_from(
    data: dict[str, Any], member: str | None, file_layer: str | None
) -> dict[str, Any]:
    """The fields of `forms.AnswersForm` as they are kept; empty texts become None."""
    crs, _space, swapped = _chosen_crs(data).partition(" ")
    is_grids = data["layer"] == AreaLevel.GRID
    return {
        "layer": data["layer"],
        "member": member,
        "file_layer": file_layer,
        "code_field": data["code_field"],
        "name_field": data["name_field"] or None,
        "parent_field": (data["parent_field"] or None) if is_grids else None,
        "crs": crs or None,
        "swap_axes": swapped == "swapped" or data["swap_axes"],
        "encoding": data["encoding"] or None,
        "datum": data["datum"],
        "street_code": (data["street_code"] or "").strip() or None,
        "street_name": (data["street_name"] or "").strip() or None,
        "valid_from": data["valid_from"].isoformat(),
        "make_communities": is_grids and data["make_communities"],
        "illustrative": data["illustrative"],
    }


def form_data(answers: dict[str, Any] | None) -> dict[str, Any]:
    """The answers as the form shows them again."""
    if answers is None:
        return {}
    crs = answers["crs"]
    proposed = f"{crs} swapped" if crs and answers["swap_axes"] else crs
    return {
        **{name: answers[name] or "" for name in _TEXTS},
        **{name: answers[name] for name in ("make_communities", "illustrative", "swap_axes")},
        "crs": proposed or "",
        "valid_from": date.fromisoformat(answers["valid_from"]),
    }


def _chosen_crs(data: dict[str, Any]) -> str:
    """What was written wins over what was chosen; empty: what the file says."""
    written = (data["crs_other"] or "").strip()
    return written or (data["crs"] if data["crs"] not in (None, "other") else "")
