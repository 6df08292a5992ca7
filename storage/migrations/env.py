"""How alembic meets our tables: on the connection it is handed, in its transaction."""

from alembic import context

from storage.schema import meta

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=meta,
    render_as_batch=True,  # SQLite changes a table by making it anew
    compare_type=True,
)
context.run_migrations()
