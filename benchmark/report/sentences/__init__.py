"""The findings of a report, one file for what each of them is about."""
