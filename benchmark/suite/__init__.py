"""Reading a suite file into typed settings and the matrix of its cells."""
