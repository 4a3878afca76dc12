"""The canvas: a picture at any zoom, its faces, and whom they become."""
