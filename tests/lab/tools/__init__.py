"""One module a tool (or a kind of start), each with its scenarios."""
