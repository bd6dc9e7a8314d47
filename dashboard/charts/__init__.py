"""Plotly figures. They take data frames of a mart and a palette, and calculate nothing."""
