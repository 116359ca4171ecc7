"""Inputs that want to break a run: one folder a fault."""
