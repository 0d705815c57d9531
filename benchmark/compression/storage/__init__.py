"""How compressed weights become one file and come back."""
