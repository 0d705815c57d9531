"""The model of one finished cell as a folder that runs without this package."""
