"""The board page: links that open once, the sessions they began, forms that were sent."""

import sqlalchemy as sa
from alembic import op

from storage.db import Moment

revision = "0005"
down_revision = "0004"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "visit",
        sa.Column("id", KEY, nullable=False),
        sa.Column("person", KEY, nullable=False),
        sa.Column("address", KEY, nullable=False),
        sa.Column("ticket", sa.String(length=64), nullable=False),
        sa.Column("issued", Moment(), nullable=False),
        sa.Column("expires", Moment(), nullable=False),
        sa.Column("opened", Moment(), nullable=True),
        sa.Column("session", sa.String(length=64), nullable=True),
        sa.Column("until", Moment(), nullable=True),
        sa.Column("ended", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["address"], ["address.id"], name=op.f("fk_visit_address")),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name=op.f("fk_visit_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit")),
        sa.UniqueConstraint("ticket", name=op.f("uq_visit_ticket")),
    )
    op.create_index(op.f("ix_visit_session"), "visit", ["session"])
    op.create_table(
        "pressed",
        sa.Column("visit", KEY, nullable=False),
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["visit"], ["visit.id"], name=op.f("fk_pressed_visit")),
        sa.PrimaryKeyConstraint("visit", "key", name=op.f("pk_pressed")),
    )
