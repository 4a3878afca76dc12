"""The parts of the Gallery page: jobs, cards, and the view that compares a result with its original."""
