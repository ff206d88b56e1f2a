"""Measuring: cases, the simulated model and stores, runner, comparison, evaluation."""
