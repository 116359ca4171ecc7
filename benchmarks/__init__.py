"""Benchmarks: a seeded corpus, the ways to read it, and the table that ``make bench`` writes."""
