"""Files that people send or hand out, and the wait for them."""

import sqlalchemy as sa
from alembic import op

from storage.db import Moment

revision = "0003"
down_revision = "0002"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "file",
        sa.Column("id", KEY, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("mime", sa.String(length=100), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("kept", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_file")),
    )
    op.create_table(
        "file_content",
        sa.Column("file", KEY, nullable=False),
        sa.Column("bytes", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["file"], ["file.id"], name=op.f("fk_file_content_file")),
        sa.PrimaryKeyConstraint("file", name=op.f("pk_file_content")),
    )
    op.add_column("inbox", sa.Column("awaits", Moment(), nullable=True))
    op.add_column("inbox", sa.Column("fetches", sa.Integer(), nullable=True))
