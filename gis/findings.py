"""What can be found wrong with boundaries: kinds, numbers and shapes; sentences only in English.

Pages make their sentences, in any language, from ``kind`` and ``detail``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from shapely.geometry.base import BaseGeometry


class FindingKind(StrEnum):
    """Kinds of findings, in the order in which they are looked for."""

    MISSING_CODE = "missing_code"
    DUPLICATE_CODE = "duplicate_code"
    BAD_CODE = "bad_code"
    UNKNOWN_PARENT = "unknown_parent"
    MISSING_NAME = "missing_name"
    SUSPICIOUS_TEXT = "suspicious_text"
    EMPTY_GEOMETRY = "empty_geometry"
    NOT_POLYGON = "not_polygon"
    SWAPPED_COORDINATES = "swapped_coordinates"
    PROJECTED_COORDINATES = "projected_coordinates"
    INVALID_RING = "invalid_ring"
    SHIFTED_COORDINATES = "shifted_coordinates"
    OVERLAP = "overlap"
    GAP = "gap"
    SLIVER = "sliver"
    OUTSIDE_PARENT = "outside_parent"
    IN_TWO_PARENTS = "in_two_parents"


class Severity(StrEnum):
    """Whether boundaries with a finding may be imported."""

    ERROR = "error"  # only after a repair, or not at all
    WARNING = "warning"  # a person may accept it


@dataclass(frozen=True, eq=False)
class Finding:
    """One thing that is wrong, or may be, with one or more areas of a file.

    Attributes
    ----------
    kind, severity
        What it is and how bad.
    features
        Numbers of the features in the file, from 1 (column ``row``). For a gap: its neighbours.
    codes
        The codes of the same features, empty where missing.
    area_m2
        Area of what is found, in square metres; None where there is none to measure.
    geometry
        What to draw, in EPSG:4326: the overlap, the gap, the place where a ring crosses itself.
    repair
        A proposed shape for the feature in EPSG:4326, None if there is no proposal.
    detail
        Plain numbers and texts, by kind:

        ================= ====================================================================
        duplicate_code    ``code``, ``count``
        bad_code          ``code``, ``reason`` (found where codes are put into the tree of areas)
        unknown_parent    ``parent``, a code that no parent has (found there too)
        suspicious_text   ``field``, ``text``, ``likely`` (what it may have been, or empty)
        not_polygon       ``found`` (such as "Point")
        swapped, projected ``x``, ``y`` (one position as it stands in the file), ``count``
        invalid_ring      ``reason``, and ``lon``, ``lat`` where known
        shifted           ``datum``, ``misfit_m``, ``misfit_after_m``
        gap               ``width_m`` (mean width)
        sliver            ``width_m`` (the widest), ``part`` ("gap" or "area"), ``count``
        outside_parent    ``share`` (part outside, 0 to 1), ``parent`` (code, or empty for "all")
        in_two_parents    ``parent``, ``share``, ``other``, ``other_share``
        ================= ====================================================================
    """

    kind: FindingKind
    severity: Severity
    features: tuple[int, ...]
    codes: tuple[str, ...]
    area_m2: float | None = None
    geometry: BaseGeometry | None = None
    repair: BaseGeometry | None = None
    detail: Mapping[str, float | str] = field(default_factory=dict)

    def describe(self) -> str:
        """Say in English what was found.

        Examples
        --------
        >>> Finding(
        ...     FindingKind.OVERLAP, Severity.WARNING, (3, 8), ("12", "40"), area_m2=153.21
        ... ).describe()
        'warning: 12 (no. 3) and 40 (no. 8) overlap by 153 m2'
        """
        values = {"who": self._who(), "area": f"{self.area_m2 or 0:,.0f} m2", **self.detail}
        repair = "; a repair is proposed" if self.repair is not None else ""
        return f"{self.severity}: {_SENTENCES[self.kind].format(**values)}{repair}"

    def _who(self) -> str:
        names = [
            f"{code} (no. {number})" if code else f"no. {number}"
            for number, code in zip(self.features[:5], self.codes[:5], strict=True)
        ]
        if len(self.features) > 5:
            names.append(f"{len(self.features) - 5} more")
        return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]])) or "nobody"


_SENTENCES = {
    FindingKind.MISSING_CODE: "{who} has no code",
    FindingKind.DUPLICATE_CODE: "{who} have the same code",
    FindingKind.BAD_CODE: '{who}: "{code}" cannot be used ({reason})',
    FindingKind.UNKNOWN_PARENT: '{who} names a parent that is not there: "{parent}"',
    FindingKind.MISSING_NAME: "{who} has no name",
    FindingKind.SUSPICIOUS_TEXT: '{who}: "{text}" in {field} looks wrongly decoded ("{likely}"?)',
    FindingKind.EMPTY_GEOMETRY: "{who} has no shape",
    FindingKind.NOT_POLYGON: "{who} is a {found}, not an area",
    FindingKind.SWAPPED_COORDINATES: "{who}: {x:.6g}, {y:.6g} look swapped: longitude goes first",
    FindingKind.PROJECTED_COORDINATES: (
        "{who}: {x:.10g}, {y:.10g} are not degrees but look like metres: state the CRS"
    ),
    FindingKind.INVALID_RING: "{who}: invalid outline ({reason})",
    FindingKind.SHIFTED_COORDINATES: (
        "the file lies {misfit_m:.0f} m off, and {misfit_after_m:.0f} m if it is in {datum}"
    ),
    FindingKind.OVERLAP: "{who} overlap by {area}",
    FindingKind.GAP: "a gap of {area}, {width_m:.1f} m wide, beside {who}",
    FindingKind.SLIVER: "slivers of {area} together, up to {width_m:.2f} m wide ({part}), at {who}",
    FindingKind.OUTSIDE_PARENT: "{who} lies outside its community ({parent}) by {share:.0%}",
    FindingKind.IN_TWO_PARENTS: (
        "{who} lies in {parent} ({share:.0%}) and in {other} ({other_share:.0%})"
    ),
}
