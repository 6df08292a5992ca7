"""PostgreSQL tells all who listen that something has come in, or is to go out."""

from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    op.execute(
        "CREATE FUNCTION nhachan_ring() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN PERFORM pg_notify('nhachan', TG_TABLE_NAME); RETURN NULL; END $$"
    )
    for box in ("inbox", "outbox"):
        op.execute(f"CREATE TRIGGER ring AFTER INSERT ON {box} FOR EACH STATEMENT EXECUTE FUNCTION nhachan_ring()")
