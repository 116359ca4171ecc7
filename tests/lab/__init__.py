"""The failure laboratory: it really runs the tools, really breaks them, and keeps what they printed."""
