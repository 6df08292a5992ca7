"""Extensions, promises, steps held back, and the picture taken at a deadline."""

import sqlalchemy as sa
from alembic import op

from storage.db import Moment

revision = "0002"
down_revision = "0001"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    with op.batch_alter_table("campaign", schema=None) as batch_op:
        batch_op.add_column(sa.Column("first", sa.Date(), nullable=True))
    op.execute("UPDATE campaign SET first = deadline")

    op.create_table(
        "extension",
        sa.Column("id", KEY, nullable=False),
        sa.Column("campaign", KEY, nullable=False),
        sa.Column("unit", sa.String(length=32), nullable=False),
        sa.Column("deadline", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("person", KEY, nullable=True),
        sa.Column("given", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["campaign"], ["campaign.id"], name=op.f("fk_extension_campaign")),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name=op.f("fk_extension_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_extension")),
    )
    op.create_table(
        "promise",
        sa.Column("id", KEY, nullable=False),
        sa.Column("campaign", KEY, nullable=False),
        sa.Column("unit", sa.String(length=32), nullable=False),
        sa.Column("person", KEY, nullable=False),
        sa.Column("due", Moment(), nullable=False),
        sa.Column("made", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["campaign"], ["campaign.id"], name=op.f("fk_promise_campaign")),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name=op.f("fk_promise_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_promise")),
    )
    for table in ("extension", "promise"):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.create_index(batch_op.f(f"ix_{table}_campaign"), ["campaign", "unit"], unique=False)

    op.create_table(
        "hold",
        sa.Column("campaign", KEY, nullable=False),
        sa.Column("step", sa.String(length=64), nullable=False),
        sa.Column("person", KEY, nullable=True),
        sa.Column("since", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["campaign"], ["campaign.id"], name=op.f("fk_hold_campaign")),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name=op.f("fk_hold_person")),
        sa.PrimaryKeyConstraint("campaign", "step", name=op.f("pk_hold")),
    )
    op.create_table(
        "snapshot",
        sa.Column("campaign", KEY, nullable=False),
        sa.Column("deadline", sa.Date(), nullable=False),
        sa.Column("taken", Moment(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["campaign"], ["campaign.id"], name=op.f("fk_snapshot_campaign")),
        sa.PrimaryKeyConstraint("campaign", "deadline", name=op.f("pk_snapshot")),
    )
