"""Who source faces are: asked, shown, withdrawn."""
