"""Whom the office expects, and by which telephone and from which account somebody asks to come in."""

import sqlalchemy as sa
from alembic import op

from storage.db import Moment

revision = "0018"
down_revision = "0017"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "member",
        sa.Column("id", KEY, nullable=False),
        sa.Column("unit", sa.String(32), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("phone", sa.String(32), nullable=False),
        sa.Column("email", sa.String(128), nullable=False),
        sa.Column("since", Moment(), nullable=False),
        sa.Column("gone", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_member")),
    )
    op.create_index(op.f("ix_member_unit"), "member", ["unit", "role"])
    op.add_column("enrolment", sa.Column("phone", sa.String(32), nullable=True))
    op.add_column("enrolment", sa.Column("called", sa.String(100), nullable=True))
