"""Audiences on their way to a destination: who may go, what is asked of it, what it holds.

An outbox: intents stand in state before the first byte leaves, outcomes one by one after it. The
network is the exporters'; pages and the command line ask and read here.
"""
