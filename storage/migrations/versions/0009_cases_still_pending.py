"""How many cases are still to be decided behind a figure."""

import sqlalchemy as sa
from alembic import op

from storage.db import Moment

revision = "0009"
down_revision = "0008"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "pending",
        sa.Column("id", KEY, nullable=False),
        sa.Column("campaign", KEY, nullable=False),
        sa.Column("unit", sa.String(length=32), nullable=False),
        sa.Column("measure", sa.String(length=32), nullable=False),
        sa.Column("cases", sa.Integer(), nullable=False),
        sa.Column("person", KEY, nullable=False),
        sa.Column("given", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["campaign"], ["campaign.id"], name=op.f("fk_pending_campaign")),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name=op.f("fk_pending_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pending")),
    )
    op.create_index(op.f("ix_pending_campaign"), "pending", ["campaign", "unit", "measure"])
