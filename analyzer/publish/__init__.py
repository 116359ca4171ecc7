"""Where reports go: files, and later GitHub issues."""
