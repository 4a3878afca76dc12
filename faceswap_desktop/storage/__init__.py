"""What is kept on disk: places, the ledger and library in SQLite, settings, secrets, caches. Knows no Qt."""
