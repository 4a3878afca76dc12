"""The window: shows state and sends intentions. The only room, beside ``app``, that knows Qt."""
