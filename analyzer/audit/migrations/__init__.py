"""Alembic's steps from one version of the state to the next, one file a step in ``versions/``."""
