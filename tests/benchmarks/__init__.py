"""Measure, never assert: timed work lives here and outside the test run."""
