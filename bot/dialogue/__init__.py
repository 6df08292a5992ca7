"""Conversations: pure, no clock, no database, no network, no channel."""
