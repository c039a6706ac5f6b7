"""Cases from a file: `import_cases` with a mapping that says what the file's columns mean."""

from webapp.cases.importing.mapping import CaseMapping, read_mapping
from webapp.cases.importing.parsing import Reject
from webapp.cases.importing.running import CHUNK_ROWS, Outcome, import_cases, reject_rows

__all__ = [
    "CHUNK_ROWS",
    "CaseMapping",
    "Outcome",
    "Reject",
    "import_cases",
    "read_mapping",
    "reject_rows",
]
