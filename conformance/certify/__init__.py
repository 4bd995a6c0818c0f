"""Certifies a PMS: who acts, what is told to it, and what is made of it."""
