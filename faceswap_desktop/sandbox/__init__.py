"""The four services of the internet, on this computer: for trying them without a key, and for tests."""
