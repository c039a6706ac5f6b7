"""Bring the Chinese catalogue in step with the source: `python -m tools.translations`.

New sentences come in untranslated, those no longer used go; a test fails while any is missing.
"""

from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
CATALOGUE = ROOT / "webapp" / "translations" / "zh" / "LC_MESSAGES" / "messages.po"
METHODS = [("**.py", "python"), ("**.html", "jinja2")]
KEYWORDS = {
    "_": None, "gettext": None, "ngettext": (1, 2), "_l": None, "lazy_gettext": None,
    "_n": (1, 2), "lazy_ngettext": (1, 2),
}  # fmt: skip


def source_messages() -> Catalog:
    """Every sentence of the program, with the places where it stands."""
    catalogue = Catalog(project="Wangge", charset="utf-8")
    found = extract_from_dir(
        ROOT / "webapp", METHODS, {}, keywords=KEYWORDS, comment_tags=["Translators:"]
    )
    for file, line, message, comments, context in found:
        catalogue.add(message, None, [(file, line)], auto_comments=comments, context=context)
    return catalogue


def chinese_catalogue() -> Catalog:
    if not CATALOGUE.exists():
        return Catalog(locale="zh", project="Wangge", charset="utf-8")
    with CATALOGUE.open("rb") as file:
        return read_po(file, locale="zh")


def main() -> None:
    catalogue = chinese_catalogue()
    catalogue.update(source_messages(), no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    CATALOGUE.parent.mkdir(parents=True, exist_ok=True)
    with CATALOGUE.open("wb") as file:
        write_po(file, catalogue, width=100, sort_output=True, no_location=True, omit_header=False)
    missing = [message.id for message in catalogue if message.id and not message.string]
    print(f"{len(catalogue)} sentences, {len(missing)} not yet in Chinese")


if __name__ == "__main__":
    main()
