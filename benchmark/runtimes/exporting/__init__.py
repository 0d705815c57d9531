"""Networks as graphs for runtimes that know no Python."""
