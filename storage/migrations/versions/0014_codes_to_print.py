"""By what a code can be printed again."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.add_column("invitation", sa.Column("seed", sa.String(32), nullable=True))
