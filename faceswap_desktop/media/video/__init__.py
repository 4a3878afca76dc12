"""Videos: what a file holds, its frames by number, its sound; and results, encoded and joined."""
