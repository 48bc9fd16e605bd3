"""What can go wrong for a user: one sentence, what to do next, one exit status each.

Everything that is not one of these types is a bug.
"""

from enum import IntEnum


class ExitStatus(IntEnum):
    """What the process answers to the shell."""

    OK = 0  # nothing wrong was found
    ATTENTION = 1  # something does not open, is missing, or needs a person
    USAGE = 2  # wrong usage or configuration
    FAILURE = 3  # the server, the store or the machine failed


class AttachwatchError(Exception):
    """A failure told to the user as `problem`, then `remedy`: both one line, without a final newline."""

    status = ExitStatus.FAILURE

    def __init__(self, problem: str, remedy: str = "") -> None:
        super().__init__(problem)
        self.problem = problem
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.problem.rstrip('.')}. {self.remedy}".rstrip() if self.remedy else self.problem


class UsageError(AttachwatchError):
    """The command line names something that is not there or does not fit."""

    status = ExitStatus.USAGE


class ConfigurationError(AttachwatchError):
    """The configuration file cannot be used; the sentence names file and key."""

    status = ExitStatus.USAGE


class AnnexListError(AttachwatchError):
    """The list of expected annexes cannot be read; the sentence names the line."""

    status = ExitStatus.USAGE


class ServerError(AttachwatchError):
    """The mail server cannot be reached, or the line to it broke."""


class CertificateError(ServerError):
    """The server's certificate is not to be trusted; no password was sent."""


class SignInError(ServerError):
    """The server answered, and refused the user name or password."""


class FolderError(ServerError):
    """A folder of the mailbox cannot be opened or written."""


class NoDraftsFolderError(FolderError):
    """The mailbox has no folder for drafts, as far as one can tell."""


class StoreError(AttachwatchError):
    """The ledger or the attachment store cannot be used."""


class AttachmentError(StoreError):
    """One attachment is not in the store any more, or is not what was stored; of the others this says nothing."""


class ReadersError(AttachwatchError):
    """No process that opens files can be started on this machine."""


class SourceError(AttachwatchError):
    """A collection of files cannot be listed."""


class ClusterError(AttachwatchError):
    """The Dask cluster cannot be reached, went away, or cannot do the work."""
