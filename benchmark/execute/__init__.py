"""Running the stages of a plan."""
