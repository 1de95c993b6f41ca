"""What can go wrong in a request.

    ApiError
    ├── NotSignedIn          no session, or it has ended
    ├── WrongCredentials     unknown user, wrong password, or a disabled user: the same answer for all
    ├── LockedOut            too many attempts, by user or by address
    ├── CsrfRefused          an unsafe request without the session's token
    ├── OriginRefused        an unsafe request from another site's page
    ├── NotPermitted         the role does not have the action
    ├── ReasonRequired       compliance or an auditor has not said why
    ├── NoSuchCall           no such call, or it is not within reach: the same answer for both
    ├── NoRecording          the call has no audio
    ├── FormatUnavailable    the audio is archived in another format and is not converted to this one
    ├── ArchiveUnavailable   the audio is in the catalogue and cannot be read
    ├── RangeUnsatisfiable   the range lies outside the audio
    ├── WrongCursor          the cursor is none of ours
    ├── NumberHidden         a pattern would reveal digits that the viewer may not see
    ├── PasswordRefused      the new password does not satisfy the policy
    ├── UserRefused          a user cannot be made so
    ├── NoSuchTarget         the settings name no such archive target
    ├── TakesNoCopies        calls come in at that target, or came in: none is copied there
    ├── TagRefused           a call cannot be tagged so
    ├── TagKept              a legal hold covers the call by the tag
    └── TooLarge             the body of the request
    CannotListen             the server's address cannot be used; not an answer to a request

Status codes belong to ``qa_api.problems``.
"""

from typing import Any


class ApiError(Exception):
    """Root of the tree. ``parameters`` go to the client, which translates them with the code."""

    def __init__(self, detail: str = "", **parameters: Any) -> None:
        super().__init__(detail)
        self.detail = detail
        self.parameters = parameters


class NotSignedIn(ApiError):
    """No session, or it has ended."""


class WrongCredentials(ApiError):
    """Unknown user, wrong password, or a disabled user."""


class LockedOut(ApiError):
    """Too many attempts; ``retry_after`` is in seconds."""


class CsrfRefused(ApiError):
    """An unsafe request without the session's token."""


class OriginRefused(ApiError):
    """An unsafe request from another site's page."""


class NotPermitted(ApiError):
    """The role does not have the action."""


class ReasonRequired(ApiError):
    """Compliance or an auditor has not said why."""


class NoSuchCall(ApiError):
    """No such call, or it is not within reach."""


class NoRecording(ApiError):
    """The call has no audio."""


class ArchiveUnavailable(ApiError):
    """The audio is in the catalogue and cannot be read."""


class RangeUnsatisfiable(ApiError):
    """The range lies outside the audio; ``length`` is what there is, in bytes."""


class WrongCursor(ApiError):
    """The cursor is none of ours."""


class NumberHidden(ApiError):
    """A pattern would reveal digits that the viewer may not see."""


class PasswordRefused(ApiError):
    """``rule`` names the one that is not satisfied; ``minimum`` is the length asked for."""


class UserRefused(ApiError):
    """A user cannot be made so."""


class TagRefused(ApiError):
    """``rule`` is ``form`` for what is no tag, ``number`` for one that would tell a telephone number."""


class TagKept(ApiError):
    """The tag ``tag`` stays on the call, which holds cover by it: ``holds``, for who may know their names."""


class NoSuchTarget(ApiError):
    """The settings name no archive target ``target``."""


class TakesNoCopies(ApiError):
    """Nothing is copied to the archive target ``target``: calls come in there, or came in before."""


class TooLarge(ApiError):
    """The body of the request; ``limit`` in bytes."""


class FormatUnavailable(ApiError):
    """The audio is archived in another format and is not converted to this one."""


class CannotListen(Exception):
    """The server's address cannot be used."""
