"""The routes, one file a noun. A route's name is its operation id and its key in ``qa_api.permissions``."""
