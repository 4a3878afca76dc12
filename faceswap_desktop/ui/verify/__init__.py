"""The parts of the page that tells where files come from."""
