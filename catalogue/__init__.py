"""What is to be reported, and how much is enough? No database, no network, no clock."""
