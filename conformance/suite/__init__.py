"""Stimuli for a server: plays, scenarios, generated calls; run by pytest, judged by nobody here."""
