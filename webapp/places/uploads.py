"""Files of boundaries on their way through the pages: kept until applied or dropped.

Each has a folder of its own under an unguessable name in the upload folder, with the file, what
is known of it, the person's answers and what was found.
"""

import json
import re
import secrets
import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from flask_babel import gettext as _

from webapp.core.errors import BadInput, NotFound
from webapp.core.geowords import words_of
from webapp.core.settings import Settings
from webapp.people.models import Person

SUFFIXES = (".zip", ".kmz", ".gpkg", ".geojson", ".json", ".kml", ".fgb")
_KEPT_SECONDS = 7 * 24 * 3600
_TOKEN = re.compile(r"[A-Za-z0-9_-]{32}")


@dataclass(frozen=True)
class Upload:
    """One file; the folder's name is its secret."""

    folder: Path

    @property
    def token(self) -> str:
        return self.folder.name

    @property
    def facts(self) -> dict[str, Any]:
        """`office_id`, `person_id`, `name` as the person calls it, `suffix`."""
        return self.read("facts") or {}

    @property
    def name(self) -> str:
        return str(self.facts["name"])

    @property
    def path(self) -> Path:
        return self.folder / f"boundaries{self.facts['suffix']}"

    def refusal(self, error: Exception) -> str:
        """What an error says, with the name by which the person knows the file."""
        return words_of(error).replace(self.path.name, self.name)

    def read(self, what: str) -> dict[str, Any] | None:
        """What was kept under a name such as "answers"; None before."""
        path = self.folder / f"{what}.json"
        return json.loads(path.read_text("utf-8")) if path.exists() else None

    def keep(self, what: str, value: dict[str, Any]) -> None:
        """Keep something; readers see the former or the new, never half of it."""
        path = self.folder / f"{what}.json"
        partial = path.with_suffix(".part")
        partial.write_text(json.dumps(value, ensure_ascii=False), "utf-8")
        partial.replace(path)

    def forget(self, *names: str) -> None:
        for name in names:
            (self.folder / f"{name}.json").unlink(missing_ok=True)

    def drop(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)


def receive(settings: Settings, person: Person, name: str, stream: IO[bytes]) -> Upload:
    """Keep a file that somebody sends; old ones that nobody finished are cleared away."""
    name = name.replace("\\", "/").rpartition("/")[2].strip()
    suffix = Path(name).suffix.lower()
    if suffix not in SUFFIXES:
        raise BadInput(
            "unknown_format",
            _(
                '"%(name)s" is of no known format: give a zipped shapefile (.zip), GeoPackage '
                "(.gpkg), GeoJSON (.geojson, .json), KML (.kml, .kmz) or FlatGeobuf (.fgb).",
                name=name,
            ),
        )
    _clear_old(_root(settings))
    upload = Upload(_root(settings) / secrets.token_urlsafe(24))
    upload.folder.mkdir(parents=True)
    facts = {"office_id": person.office_id, "person_id": person.id, "name": name, "suffix": suffix}
    upload.keep("facts", facts)
    with upload.path.open("wb") as file:
        shutil.copyfileobj(stream, file)
    return upload


def find_upload(settings: Settings, person: Person, token: str) -> Upload:
    """The upload of that name, for people of the office it was sent to."""
    upload = Upload(_root(settings) / token)
    if not _TOKEN.fullmatch(token) or upload.facts.get("office_id") != person.office_id:
        raise NotFound(
            "upload_gone",
            _("This file is not here any more: it was applied, dropped or kept for too long."),
        )
    return upload


def _root(settings: Settings) -> Path:
    return Path(settings.upload_dir) / "boundaries"


def _clear_old(root: Path) -> None:
    if not root.exists():
        return
    for folder in root.iterdir():
        if time.time() - folder.stat().st_mtime > _KEPT_SECONDS:
            Upload(folder).drop()
