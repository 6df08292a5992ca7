"""Changes `catalogue` in one small place at a time, and looks whether a test of it notices: docs/mutants.md."""
