"""The command line: one module per command, the same services and the same ledger as the window."""
