"""Sources of transcribed speech: one file per source."""
