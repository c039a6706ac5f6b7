"""Commands that refuse in a sentence, as pages do, and not with a traceback."""

from typing import Any

import click
from flask.cli import AppGroup

from gis.errors import GeoDataError
from webapp.core.errors import WanggeError


class Commands(AppGroup):
    """A group of commands; use it as a blueprint's `cli`."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (WanggeError, GeoDataError) as error:
            raise click.ClickException(error.message) from error
