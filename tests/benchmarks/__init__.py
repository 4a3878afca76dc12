"""What the program takes, measured against its budgets: ``python -m tests.benchmarks``."""
