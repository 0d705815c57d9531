"""How the synthetic corpus is made: its languages, sentences, voices and files."""
