"""Generation of the synthetic corpus: languages, sentences, voices and files."""
