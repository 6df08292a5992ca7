"""The board page: who stands where, appraisal, notices, the plan, the channels; for whoever holds a session."""
