"""The torch modules that the model families build."""
