"""Tests of forms and of the sheets of cameras."""
