"""Since when an account is one more of somebody's, and who has disowned it."""

import sqlalchemy as sa
from alembic import op

from storage.db import Moment

revision = "0023"
down_revision = "0022"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("address", sa.Column("linked", Moment(), nullable=True))
    op.add_column("address", sa.Column("held", KEY, nullable=True))
