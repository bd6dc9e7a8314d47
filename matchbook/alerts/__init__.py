"""Anomalies in what partners' tags do on sites, and who was told of them.

`episodes` is a pure function of a client's series; `store` remembers what was told, `looking`
compares the two after each build.
"""
