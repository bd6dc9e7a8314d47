"""One module per page, each a short script from top to bottom: `page()`."""
