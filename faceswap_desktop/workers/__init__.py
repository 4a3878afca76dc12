"""Worker processes: everything that is heavy, slow or touches files from outside happens in them."""
