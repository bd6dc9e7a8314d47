"""Mapp CEP (Engage) over its REST API: the one place from which CEP is called."""
