"""Export of the model of a finished cell to a folder that runs without this package."""
