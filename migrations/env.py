"""Runs the migrations on the engine that `webapp.core.migrating` hands over."""

from alembic import context
from geoalchemy2 import alembic_helpers

from webapp import models  # noqa: F401 - so that the metadata knows every table
from webapp.core.database import metadata

config = context.config

with config.attributes["engine"].connect() as connection:
    context.configure(
        connection=connection.execution_options(writes=True),
        target_metadata=metadata,
        include_object=alembic_helpers.include_object,
        process_revision_directives=alembic_helpers.writer,
        render_item=alembic_helpers.render_item,
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
