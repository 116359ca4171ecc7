"""Tests of loganalyze."""
