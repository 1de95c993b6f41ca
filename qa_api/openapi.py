"""Print the OpenAPI document: ``python -m qa_api.openapi > openapi.json``."""

import json
import sys

from qa_api.app import document


def main() -> None:
    """Write the document to standard output; the same code writes the same bytes."""
    sys.stdout.write(json.dumps(document(), indent=2, sort_keys=True, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
