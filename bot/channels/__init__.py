"""Each module knows one far side; none knows another, none sees storage."""
