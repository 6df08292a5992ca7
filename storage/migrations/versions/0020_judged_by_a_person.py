"""What only a person can judge: met or short, as whoever accepted the figure found."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    op.add_column("appraisal", sa.Column("outcome", sa.String(8), nullable=True))
    op.add_column("cell", sa.Column("judged", sa.String(8), nullable=True))
