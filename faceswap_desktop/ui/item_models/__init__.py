"""Item models: they hold what a view shows, and nothing below them knows Qt."""
