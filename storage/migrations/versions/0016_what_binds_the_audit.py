"""With what each row of the audit is bound, and the digest of words that can be erased."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.add_column("audit", sa.Column("sealed", sa.String(24), nullable=True))
    op.add_column("audit", sa.Column("salt", sa.String(32), nullable=True))
    op.add_column("audit", sa.Column("digest", sa.String(64), nullable=True))
