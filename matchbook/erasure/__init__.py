"""Opt-outs and erasures: who asked, who is meant, and what is still known of them afterwards.

A request holds what it names at once (`matchbook.suppressions`). An opt-out stops there. Of a
person to be erased nothing comes in any more from that moment on, and once everything is gone
only HMACs say so: no byte of the person is left to compare with but what arrives anew.
"""
