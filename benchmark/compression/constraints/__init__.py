"""Learning with what a compression takes, or has taken."""
