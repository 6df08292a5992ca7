"""Every entrance under bytes that nobody would send: `python -m tests.fuzz`, or `make fuzz`."""
