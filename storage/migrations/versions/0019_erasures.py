"""Who asks that their personal data be erased, and what was decided."""

import sqlalchemy as sa
from alembic import op

from storage.db import Moment

revision = "0019"
down_revision = "0018"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "erasure",
        sa.Column("id", KEY, nullable=False),
        sa.Column("person", KEY, nullable=False),
        sa.Column("asked", Moment(), nullable=False),
        sa.Column("decided", Moment(), nullable=True),
        sa.Column("verdict", sa.String(16), nullable=True),
        sa.Column("decided_by", KEY, nullable=True),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name=op.f("fk_erasure_person")),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("fk_erasure_decided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasure")),
    )
    op.create_index(op.f("ix_erasure_person"), "erasure", ["person"])
