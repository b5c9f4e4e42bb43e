"""The pipeline: each step takes rows from the store, does its work and commits moves."""
