"""Following faces through a video: found, followed, smoothed and told apart. Arrays in, arrays out; no files."""
