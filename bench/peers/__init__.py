"""Bots to be measured side by side: each is started with the server's address, how many people there are, a folder."""
