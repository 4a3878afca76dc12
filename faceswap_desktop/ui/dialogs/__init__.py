"""Dialogs; few, and always awaited (``bridge.ask``), never run in a loop of their own."""
