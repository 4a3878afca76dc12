"""Content Credentials (C2PA): certificates, signing and reading. Only worker processes load what lies below it."""
