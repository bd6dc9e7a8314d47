"""Finding a person in the lake, and rewriting the lake without the person.

The lake is read without the warehouse's lock: its files are replaced whole, never changed.
"""
