"""Files that prove a figure."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "proof",
        sa.Column("report", KEY, nullable=False),
        sa.Column("file", KEY, nullable=False),
        sa.Column("person", KEY, nullable=False),
        sa.Column("given", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["file"], ["file.id"], name=op.f("fk_proof_file")),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name=op.f("fk_proof_person")),
        sa.ForeignKeyConstraint(["report"], ["report.id"], name=op.f("fk_proof_report")),
        sa.PrimaryKeyConstraint("report", "file", name=op.f("pk_proof")),
    )
