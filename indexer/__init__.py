"""Finding calls: search documents, the query language, the engines."""
