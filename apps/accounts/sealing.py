"""What a preview showed, sent along to its confirmation: signed, so that it comes back as it was and from who saw it."""

from typing import Any

from django.core import signing

from apps.accounts.permissions import Actor
from apps.core.errors import InvalidInput

_VALID_SECONDS = 2 * 3600


def seal(kept: dict[str, Any], *, salt: str, actor: Actor) -> str:
    """Sign ``kept`` for the person in the membership that they act in; ``salt`` tells one kind of preview from another."""
    return signing.dumps({**kept, "by": actor.membership.pk}, salt=salt, compress=True)


def unseal(text: str, *, salt: str, actor: Actor) -> dict[str, Any]:
    """Return what was signed; InvalidInput for a preview that is too old, changed, or of somebody else."""
    try:
        kept: dict[str, Any] = signing.loads(text, salt=salt, max_age=_VALID_SECONDS)
    except signing.BadSignature as error:
        raise InvalidInput("预览已过期或内容不完整，请重新上传表格。") from error
    if kept["by"] != actor.membership.pk:
        raise InvalidInput("预览是在另一个任职单位做的，请重新上传表格。")
    return kept
