"""A whole campaign played out: the real house, a far side, a clock and people of our own, and what came of it."""
