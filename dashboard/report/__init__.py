"""A client's week on one page of HTML that needs nothing beside itself: to be sent and printed."""

from dashboard.report.page import render
from dashboard.report.week import Week, read_week, week_of, weeks_known

__all__ = ["Week", "read_week", "render", "week_of", "weeks_known"]
