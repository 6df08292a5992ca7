"""Files that go along with a notice."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "enclosure",
        sa.Column("notice", KEY, nullable=False),
        sa.Column("file", KEY, nullable=False),
        sa.ForeignKeyConstraint(["file"], ["file.id"], name=op.f("fk_enclosure_file")),
        sa.ForeignKeyConstraint(["notice"], ["notice.id"], name=op.f("fk_enclosure_notice")),
        sa.PrimaryKeyConstraint("notice", "file", name=op.f("pk_enclosure")),
    )
