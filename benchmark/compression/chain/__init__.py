"""What compressions work on, and how they follow each other."""
