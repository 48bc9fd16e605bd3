"""A draft beside its evidence: read, edited, decided on.

What a person typed is never lost: where it cannot be kept, the page shows it again with what stands in its way.
"""

import hashlib
import re
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from attachwatch.errors import AttachwatchError, UsageError
from attachwatch.model import Draft, DraftState
from attachwatch.reply.envelope import as_message
from attachwatch.service import review as drafts
from attachwatch.web import pages, words
from attachwatch.web.gate import fields
from attachwatch.web.review import Review

Said = Mapping[str, str]  # the fields of a form
Act = Callable[[Review, Request, Said], Response]


@dataclass(frozen=True, slots=True)
class Trouble:
    """What stands in the way of what was asked for, and the words that were typed, where they are not those kept."""

    status: int
    problem: str
    typed: str = ""


_NUMBER = re.compile("[0-9]{1,18}")  # as far as the ledger can count
_NONE = Trouble(200, "")


def routes(review: Review) -> list[Route]:
    """The pages of drafts."""

    def read(request: Request) -> Response:
        return _read(review, request)

    def download(request: Request) -> Response:
        return _download(review, request)

    return [
        Route("/drafts/{number}", read),
        Route("/drafts/{number}", posted(review, _decide), methods=["POST"]),
        Route("/drafts/{number}/reply.eml", download),
    ]


def posted(review: Review, act: Act) -> Callable[[Request], Awaitable[Response]]:
    """What a form of ours sends, to be done; nothing without the token that the form holds."""

    async def endpoint(request: Request) -> Response:
        said = await fields(request)
        if not review.keys.is_from_our_form(said.get("token", "")):
            remedy = "This page is of a review that has ended, so nothing was done. Open the reply anew."
            return pages.problem(403, "This page is too old", remedy, said.get("body", ""))
        return await run_in_threadpool(act, review, request, said)

    return endpoint


def _read(review: Review, request: Request) -> Response:
    draft = _found(review, request)
    done = request.query_params.get("done", "")
    return _page(review, draft, done=words.DONE.get(done, "") if _is_so(draft, done) else "")


def _download(review: Review, request: Request) -> Response:
    draft = _found(review, request)
    settings = review.state.picture().settings
    headers = {"Content-Disposition": f'attachment; filename="reply-{draft.id}.eml"'}
    return Response(as_message(draft, html=settings.reply.html), media_type="message/rfc822", headers=headers)


def _decide(review: Review, request: Request, said: Said) -> Response:
    draft, action = _found(review, request), said.get("do", "")
    typed = said.get("body", "").replace("\r\n", "\n")
    if action not in words.DONE:
        raise HTTPException(404)
    is_same = typed.rstrip() == draft.body.rstrip()
    if draft.state is not DraftState.PENDING:
        if is_same and _is_so(draft, action):
            return _done(review, draft, action)  # sent twice
        return _page(review, draft, Trouble(409, words.OVERTAKEN[draft.state], "" if is_same else typed))
    if said.get("seen") != mark(draft.body) and not is_same:
        return _page(review, draft, Trouble(409, words.CHANGED, typed))
    try:
        _do(review, draft, action, typed)
    except AttachwatchError as error:
        now = _found(review, request)
        return _page(review, now, _trouble(error, "" if typed.rstrip() == now.body.rstrip() else typed))
    return _done(review, draft, action)


def _do(review: Review, draft: Draft, action: str, typed: str) -> None:
    """The words first, whatever is decided on them."""
    ledger = review.state.ledger
    if action == "restore":
        drafts.restore(ledger, draft.id)
        return
    if typed.strip() or action != "discard":
        drafts.edit(ledger, draft.id, typed, draft.body)
    if action == "approve":
        drafts.approve(review.state.picture().settings, ledger, draft.id, seen=typed)
    elif action == "discard":
        drafts.discard(ledger, draft.id)


def _page(review: Review, draft: Draft, trouble: Trouble = _NONE, done: str = "") -> Response:
    """The page of `draft`, with what was typed in the place of its words where these are not to be lost."""
    picture, ledger = review.state.picture(), review.state.ledger
    view = picture.case_of(draft)
    before = drafts.previous(ledger, draft)
    return pages.page(
        "draft.html",
        review.root,
        trouble.status,
        picture=picture,
        view=view,
        draft=draft,
        newer=view.pending if view and view.pending and view.pending.id != draft.id else None,
        warnings=_warnings(review, draft) if draft.state is DraftState.PENDING else (),
        evidence_of=drafts.evidence(ledger, draft),
        before=before,
        changed=drafts.changes(before.body, draft.body) if before else (),
        own=drafts.changes(draft.generated, draft.body) if draft.is_edited else (),
        typed=trouble.typed,
        against=drafts.changes(draft.body, trouble.typed) if trouble.typed else (),
        problem=trouble.problem,
        done=done,
        token=review.keys.form,
        seen=mark(draft.body),
    )


def _warnings(review: Review, draft: Draft) -> Iterator[str]:
    picture = review.state.picture()
    view = picture.case_of(draft)
    yield from drafts.warnings(review.state.ledger, draft)
    yield from words.diverted(picture.overviews[view.mailbox].diverted if view else ())


def mark(body: str) -> str:
    """By what a form tells which words the person saw in it."""
    return hashlib.sha256(body.encode("utf-8", "replace")).hexdigest()[:32]


def _found(review: Review, request: Request) -> Draft:
    number: str = request.path_params["number"]
    draft = review.state.ledger.draft(int(number)) if _NUMBER.fullmatch(number) else None
    if draft is None:
        raise HTTPException(404)
    return draft


def _is_so(draft: Draft, action: str) -> bool:
    """Whether what was asked for is what the draft says, so that no address can have the page claim it."""
    decided = {"approve": DraftState.APPROVED, "discard": DraftState.DISCARDED}
    return draft.state is decided.get(action, DraftState.PENDING)


def _done(review: Review, draft: Draft, action: str) -> Response:
    return RedirectResponse(f"{review.root}/drafts/{draft.id}?done={action}", 303)


def _trouble(error: AttachwatchError, typed: str) -> Trouble:
    problem = f"{error.problem[:1].upper()}{error.problem[1:].rstrip('.')}."
    if isinstance(error, UsageError):  # whose remedies are commands
        return Trouble(409, problem, typed)
    return Trouble(503, f"{problem} {error.remedy}".rstrip(), typed)
