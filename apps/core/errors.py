"""Errors that a person reads: every message is Chinese, names the value and says the way out."""

OUTDATED = "页面已过期，没有保存。请刷新页面，核对后再填。"


class ProblemForPeople(Exception):
    """Base of the errors below; ``status`` is the HTTP status a page answers with."""

    status = 400

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class InvalidInput(ProblemForPeople):
    """A value that cannot be taken."""

    status = 422


class TransitionError(ProblemForPeople):
    """The verb does not fit the state the thing is in (any more)."""

    status = 409


class StaleForm(TransitionError):
    """Somebody else changed the thing since the form was loaded."""


def stale(seen: str | None, changed: str) -> StaleForm:
    """The refusal of a form whose version ``seen`` is an old one, saying what was ``changed``; without any the page is old."""
    return StaleForm(changed if seen else OUTDATED)
