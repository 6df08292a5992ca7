"""When a message of ours was looked at, where the channel tells."""

import sqlalchemy as sa
from alembic import op

from storage.db import Moment

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    op.add_column("outbox", sa.Column("seen", Moment(), nullable=True))
