"""Rule files: Sigma 2.1 YAML with the ``loganalyze:`` key, read into :class:`~analyzer.rule.Rule`."""
