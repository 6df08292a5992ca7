"""Codes that join another chat to a person, and links to send a file by."""

import sqlalchemy as sa
from alembic import op

from storage.db import Moment

revision = "0010"
down_revision = "0009"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "ticket",
        sa.Column("id", KEY, nullable=False),
        sa.Column("purpose", sa.String(16), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("address", KEY, nullable=False),
        sa.Column("person", KEY, nullable=True),
        sa.Column("issued", Moment(), nullable=False),
        sa.Column("expires", Moment(), nullable=False),
        sa.Column("taken", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["address"], ["address.id"], name=op.f("fk_ticket_address")),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name=op.f("fk_ticket_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket")),
        sa.UniqueConstraint("digest", name=op.f("uq_ticket_digest")),
    )
    op.create_index(op.f("ix_ticket_person"), "ticket", ["person"])
    op.create_index(op.f("ix_ticket_purpose"), "ticket", ["purpose", "expires"])
