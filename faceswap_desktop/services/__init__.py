"""What the user can do, one module per area. Async, no Qt."""
