"""The audit loop: the pipeline with a memory, run again and again; nothing lost, nothing told twice."""
