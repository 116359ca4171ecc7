"""Tests of the benchmark: that it runs, that its ways agree, and that its page says what was measured."""
