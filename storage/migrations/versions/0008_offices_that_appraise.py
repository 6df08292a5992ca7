"""In whose name a report is appraised, and whether all offices of a row must."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.add_column("campaign", sa.Column("joint", sa.String(8), nullable=True))
    op.add_column("appraisal", sa.Column("offices", sa.String(200), nullable=True))
