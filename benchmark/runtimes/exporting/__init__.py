"""Export of networks as graphs for runtimes without Python."""
