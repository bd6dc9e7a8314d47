"""The collector: the endpoint that pixels and e-mails call, and the log it writes."""
