"""A suite file as typed settings, and the matrix of cells it stands for."""
