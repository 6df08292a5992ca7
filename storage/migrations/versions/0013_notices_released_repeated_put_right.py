"""Notices that wait for a second officer or their hour, come again, are put right; questions and their answers."""

import sqlalchemy as sa
from alembic import op

from storage.db import Moment

revision = "0013"
down_revision = "0012"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    for name in ("held", "due", "sent", "recalled", "again", "repeated"):
        op.add_column("notice", sa.Column(name, Moment(), nullable=True))
    for name in ("corrects", "replaced"):
        op.add_column("notice", sa.Column(name, KEY, nullable=True))
    op.execute("UPDATE notice SET sent = made")  # until now each went out as it was made
    op.add_column("outbox", sa.Column("external", sa.String(128), nullable=True))
    op.add_column("outbox", sa.Column("edits", KEY, nullable=True))
    op.create_table(
        "question",
        sa.Column("id", KEY, nullable=False),
        sa.Column("person", KEY, nullable=False),
        sa.Column("unit", sa.String(32), nullable=True),
        sa.Column("notice", KEY, nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("asked", Moment(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answered_by", KEY, nullable=True),
        sa.Column("answered", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name=op.f("fk_question_person")),
        sa.ForeignKeyConstraint(["answered_by"], ["person.id"], name=op.f("fk_question_answered_by")),
        sa.ForeignKeyConstraint(["notice"], ["notice.id"], name=op.f("fk_question_notice")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question")),
    )
    op.create_index(op.f("ix_question_answered"), "question", ["answered"])
