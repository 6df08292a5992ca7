"""The far sides on loopback: real HTTP servers that behave as the real ones do, faults included."""
