"""Pictures as files: probe, open upright, colour, encode, names, thumbnails. Arrays out, files in.

Everything here but ``formats``, ``naming``, ``fingerprint`` and ``atomic_file`` decodes untrusted files and
therefore runs inside worker processes only.
"""
