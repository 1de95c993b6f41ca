"""Master keys that the AWS key management service keeps closed: a file holds what it encrypted, as base64.

Credentials and region come by the chain of the SDK; ``AWS_ENDPOINT_URL_KMS`` leads elsewhere.
"""

import base64
import binascii
from pathlib import Path
from typing import Any

from storage.errors import KeyUnusable


def decrypted(path: Path) -> bytes:
    """The master key in the file ``path``. Raises ``KeyUnusable``."""
    try:
        closed = base64.b64decode(path.read_text(encoding="ascii").strip(), validate=True)
    except (OSError, binascii.Error, UnicodeDecodeError) as error:
        raise KeyUnusable(f"The encrypted master key in {path} cannot be read: {error}") from error
    found: bytes = _asked(str(path), "decrypt", CiphertextBlob=closed)["Plaintext"]
    return found


def new_encrypted(key_id: str) -> str:
    """The text of a file with a new master key that the service's key ``key_id`` encrypted."""
    made = _asked(key_id, "generate_data_key", KeyId=key_id, KeySpec="AES_256")
    return base64.b64encode(made["CiphertextBlob"]).decode() + "\n"


def _asked(what: str, operation: str, **parameters: object) -> dict[str, Any]:
    import boto3
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError, ClientError

    patience = Config(connect_timeout=5, read_timeout=10, retries={"total_max_attempts": 3})
    try:
        client = boto3.client("kms", config=patience)
        found: dict[str, Any] = getattr(client, operation)(**parameters)
    except (BotoCoreError, ClientError) as error:
        raise KeyUnusable(
            f"The AWS key management service does not open {what}: {error}. "
            "Check credentials, region and the rights on its key."
        ) from error
    return found
