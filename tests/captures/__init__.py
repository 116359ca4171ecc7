"""Captures as ``gcloud logging read --format=json`` writes them, staged from seeds, with what a reader should find."""
