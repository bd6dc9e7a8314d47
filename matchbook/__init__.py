"""Matchbook: which CRM contacts can be recognised on the web, and acting on it."""
