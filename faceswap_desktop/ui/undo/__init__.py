"""What can be undone, one command per gesture."""
