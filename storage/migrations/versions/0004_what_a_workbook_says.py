"""What a workbook says, kept beside it."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column("file", sa.Column("sheet", sa.JSON(none_as_null=True), nullable=True))
