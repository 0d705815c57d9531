"""The results of a run: tables and provenance, their reader and their writer.

In the order of reading: `files` (file names), `column` (the definition of a column), `columns` and
`cost_columns` (columns of a cell), `utterance_columns`, `trial_columns`; `values` (checks columns),
`documents` (checks JSON), `stamps` (checks that tables are unchanged), `read` (the
reader, which makes all checks), `records` and `provenance` (collect the results of a run), `write`
(writes them to disk).
"""
