"""Jobs: the runner that takes them through their states, the queue that people use, the events that tell of it."""
