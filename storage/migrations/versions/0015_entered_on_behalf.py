"""Figures that TCCB entered for a unit that telephoned."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.add_column("report", sa.Column("on_behalf", sa.Boolean(), nullable=True))
