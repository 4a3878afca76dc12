"""The sections of the help page."""
