"""The parts of the Faces page."""
