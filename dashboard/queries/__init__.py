"""Questions to a client's snapshot, one module per subject; bound parameters only."""
