"""What a run leaves behind: tables and provenance, and the one reader of them.

In the order of reading: `files` (names of files), `column` (what a column is), `columns` and
`cost_columns` (those of a cell), `utterance_columns`, `trial_columns`; `values` (checks a column),
`documents` (checks JSON), `stamps` (checks that tables are what a run wrote), `read` (all of these
in one reader), `records` and `provenance` (what a run has found), `write` (to disk).
"""
