"""What each run of the reminders planned, put down and skipped, and why."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.add_column("run", sa.Column("rounds", sa.Integer(), nullable=True))
    op.add_column("run", sa.Column("planned", sa.Integer(), nullable=True))
    op.add_column("run", sa.Column("skipped", sa.JSON(none_as_null=True), nullable=True))
