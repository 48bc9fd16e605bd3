"""Settings -> the cases and the tools that the pipeline works with."""

from typing import TYPE_CHECKING

from attachwatch.annexes import expected
from attachwatch.cases.statutes import jurisdiction_problem
from attachwatch.config import CaseSettings, LimitSettings, ReplySettings, Settings
from attachwatch.errors import AnnexListError, ConfigurationError
from attachwatch.model import Annex, Case

if TYPE_CHECKING:  # who only asks what there is does not wait for what inspects and writes
    from attachwatch.inspection.sandbox import Inspector


def cases(settings: Settings) -> tuple[Case, ...]:
    """The configured cases with their annex lists read; raise AnnexListError for a list that cannot be.

    Raises ConfigurationError for a template of the user's that cannot be used.
    """
    if settings.reply.templates:
        from attachwatch.reply.trial import check_templates

        check_templates(settings.reply.templates, {case.language for case in settings.case})
    return tuple(_case(case, settings.reply) for case in settings.case)


def inspector(limits: LimitSettings) -> "Inspector":
    from attachwatch.inspection.sandbox import Inspector

    return Inspector(jobs=limits.jobs, seconds=limits.seconds, memory_mib=limits.memory, largest_mib=limits.attachment)


def _case(settings: CaseSettings, reply: ReplySettings) -> Case:
    return Case(
        reference=settings.reference,
        other_references=settings.other_references,
        mailbox=settings.mailbox,
        authority=tuple(a.lower() for a in settings.authority),
        annexes=_annexes(settings),
        quiet_period=settings.quiet_period,
        sign_off=settings.sign_off,
        language=settings.language,
        jurisdiction=_jurisdiction(settings),
        requested=settings.requested,
        review_requested=settings.review_requested,
        chase_after=settings.chase_after,
        chase_again=settings.chase_again,
        post_after=settings.post_after,
        thanks=reply.thanks,
    )


def _jurisdiction(settings: CaseSettings) -> str:
    if problem := jurisdiction_problem(settings.jurisdiction):
        raise ConfigurationError(
            f"case {settings.reference!r}: {problem}", "Write an ISO 3166 code, with a region or without."
        )
    return settings.jurisdiction


def _annexes(settings: CaseSettings) -> tuple[Annex, ...]:
    if isinstance(settings.annexes, tuple):
        return expected.from_items(settings.annexes)
    path = settings.annexes
    try:
        return expected.read(path.read_bytes(), path.name)
    except OSError as error:
        raise AnnexListError(
            f"the annex list {path} cannot be read: {error.strerror}",
            f"Correct `annexes` of case {settings.reference!r}, or the file's permissions.",
        ) from None
