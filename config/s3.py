"""Evidence and exports in an S3-compatible store: private, reached with the given keys alone, handed out by our views only."""

from typing import Any

from botocore.config import Config  # type: ignore[import-untyped]


def s3_storage(
    *, bucket: str, endpoint_url: str, access_key: str, secret_key: str, region: str, addressing_style: str
) -> dict[str, Any]:
    """Return the entry of STORAGES for a bucket that exists; ``addressing_style`` is ``path`` or ``virtual``."""
    if not (access_key and secret_key):
        # Without them boto3 would go and look for some on the machine and in its network.
        raise ValueError("S3_ACCESS_KEY and S3_SECRET_KEY must be set where S3_BUCKET is.")
    config = Config(
        signature_version="s3v4",
        s3={"addressing_style": addressing_style},
        # Other stores than Amazon's do not know the checksums that boto3 adds on its own.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        connect_timeout=5,
        read_timeout=30,
        retries={"mode": "standard", "max_attempts": 3},
    )
    return {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": bucket,
            "endpoint_url": endpoint_url,
            "access_key": access_key,
            "secret_key": secret_key,
            "region_name": region,
            "client_config": config,
            # The bucket decides who may read: nothing is made public, no object is written over.
            "default_acl": None,
            "file_overwrite": False,
            "querystring_auth": True,
            # Larger files wait on disk while they are sent.
            "max_memory_size": 2 * 1024 * 1024,
        },
    }
