"""What can be wrong with geographic data, in words for the person who brings it."""

from enum import StrEnum


class Reason(StrEnum):
    """Why geographic data were refused: code reads this, people read the message."""

    BAD_COORDINATES = "bad_coordinates"
    AMBIGUOUS_COORDINATES = "ambiguous_coordinates"
    UNKNOWN_DATUM = "unknown_datum"
    UNKNOWN_FORMAT = "unknown_format"
    EMPTY_FILE = "empty_file"
    BROKEN_FILE = "broken_file"
    UNSAFE_ARCHIVE = "unsafe_archive"
    INCOMPLETE_SHAPEFILE = "incomplete_shapefile"
    SEVERAL_FILES = "several_files"
    NO_BOUNDARY_FILE = "no_boundary_file"
    LAYER_MISSING = "layer_missing"
    FIELD_MISSING = "field_missing"
    CRS_MISSING = "crs_missing"
    CRS_UNKNOWN = "crs_unknown"
    CRS_MISMATCH = "crs_mismatch"
    ENCODING_MISSING = "encoding_missing"
    ENCODING_WRONG = "encoding_wrong"
    BAD_GEOMETRY = "bad_geometry"
    BAD_ARGUMENT = "bad_argument"
    TOO_MANY = "too_many"
    TOO_FEW = "too_few"
    ALL_EQUAL = "all_equal"
    NO_NEIGHBOURS = "no_neighbours"


class GeoDataError(Exception):
    """Geographic data that cannot be used as they are.

    Parameters
    ----------
    reason
        Short code, one of :class:`Reason`.
    message
        What was given, what is allowed, what to do: a sentence for the person who uploads.
    feature
        Number or code of the feature at fault, where one can be named.
    choices
        What the person may choose from instead: field, layer or file names, CRS, encodings.

    Examples
    --------
    >>> error = GeoDataError(Reason.EMPTY_FILE, "The file grids.shp is empty.")
    >>> error.reason == "empty_file", str(error)
    (True, 'The file grids.shp is empty.')
    """

    def __init__(
        self,
        reason: Reason,
        message: str,
        *,
        feature: int | str | None = None,
        choices: tuple[str, ...] = (),
    ) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message
        self.feature = feature
        self.choices = choices
