"""Types only: what a conversation, a finding, a mood, a scorecard and a verdict are. No I/O, no framework."""
