"""Measurements run by hand: ``python -m benchmarks.NAME``. Their tables stand in the README."""
