"""Bring a database to the present shape, by the migrations in `migrations/`."""

import click
from alembic import command
from alembic.config import Config
from flask import Blueprint, current_app
from sqlalchemy import Engine

from webapp.core.database import prepare_spatial
from webapp.core.settings import ROOT

blueprint = Blueprint("db", __name__, cli_group="db")
blueprint.cli.help = "The database and its migrations."


def alembic_config(engine: Engine) -> Config:
    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    config.set_main_option("path_separator", "os")
    config.attributes["engine"] = engine
    return config


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Create what is missing, up to `revision`. An empty database becomes a spatial one first."""
    with engine.begin() as connection:
        prepare_spatial(connection)
    command.upgrade(alembic_config(engine), revision)


@blueprint.cli.command("upgrade")
def upgrade_command() -> None:
    """Bring the database to the present shape."""
    upgrade(current_app.extensions["database"].engine)


@blueprint.cli.command("revision")
@click.argument("purpose")
def revision_command(purpose: str) -> None:
    """Draft a migration from the difference between tables and models."""
    engine = current_app.extensions["database"].engine
    command.revision(alembic_config(engine), message=purpose, autogenerate=True)
