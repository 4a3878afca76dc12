"""The timeline below the canvas: where one is in a video, what is chosen of it, and who is seen when."""
