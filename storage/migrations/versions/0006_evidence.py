"""The document by which a figure is proved."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.add_column("report", sa.Column("evidence", sa.String(length=400), nullable=True))
