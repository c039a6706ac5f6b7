"""Stamps: a step of the set-up is done again only when what it was made from has changed."""

import hashlib
from pathlib import Path


class Stamp:
    """A file that remembers from which contents something was made."""

    def __init__(self, path: Path, *sources: Path) -> None:
        self.path = path
        self.digest = hashlib.sha256(b"\0".join(s.read_bytes() for s in sources)).hexdigest()

    def fresh(self) -> bool:
        return self.path.exists() and self.path.read_text() == self.digest

    def set(self) -> None:
        self.path.write_text(self.digest)
