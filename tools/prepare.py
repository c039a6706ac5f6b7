"""What comes before serving: translations, migrations, sample, demo sign-ins."""

import sys
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import Flask
from flask.cli import ScriptInfo
from sqlalchemy.exc import OperationalError

ROOT = Path(__file__).resolve().parent.parent
TRANSLATIONS = ROOT / "webapp" / "translations"


def compile_translations() -> None:
    """Write each catalogue's .mo file where it is missing or older than its .po file."""
    for source in TRANSLATIONS.glob("*/LC_MESSAGES/*.po"):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        with source.open("rb") as file:
            catalogue = read_po(file, locale=source.parts[-3])
        part = target.with_suffix(".part")
        with part.open("wb") as file:
            write_mo(file, catalogue)
        part.rename(target)


def command(app: Flask, *words: str) -> None:
    """What `flask --app webapp WORDS` does, without starting it anew."""
    script = ScriptInfo(create_app=lambda: app)
    app.cli.main(list(words), "flask", standalone_mode=False, obj=script)


def prepare() -> Flask | None:
    """The application with its database ready; None, with the reason said, where it cannot be."""
    compile_translations()
    from webapp import create_app

    try:
        app = create_app()
    except ValueError as error:  # a setting that cannot be used
        print(error, file=sys.stderr)
        return None
    try:
        command(app, "db", "upgrade")
    except OperationalError as error:
        print(f"The database cannot be opened: {error.orig}", file=sys.stderr)
        return None
    command(app, "sample", "load", "--if-empty")
    command(app, "sample", "accounts")
    return app
