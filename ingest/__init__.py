"""The way in: pixel logs, CRM uploads and the demo world."""
