"""Draw a finished study: pages, tables, tracks."""
