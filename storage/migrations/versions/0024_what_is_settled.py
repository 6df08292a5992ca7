"""An index of when messages and envelopes were settled: what became of a day's is asked at each look at the figures."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    over = sa.text("settled IS NOT NULL")
    for box in ("inbox", "outbox"):
        op.create_index(f"ix_{box}_settled", box, ["settled"], sqlite_where=over, postgresql_where=over)
