"""The pages and what their forms do, behind the gate. Handlers run in threads: ledger and mailbox make them wait."""

import re
from collections.abc import Callable, Mapping
from importlib.util import find_spec

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from attachwatch.errors import AttachwatchError
from attachwatch.evidence.forms import record_of, rendered
from attachwatch.service import health
from attachwatch.service.overview import questions
from attachwatch.web import drafting, pages
from attachwatch.web.gate import MOST_BODY, SIGN_IN, STATIC, Gate, cookie_name
from attachwatch.web.pictures import SIDES
from attachwatch.web.review import Review
from attachwatch.web.state import CaseView

_FOR_EVER = "public, max-age=31536000, immutable"
_RECORDS = {"html": "text/html", "pdf": "application/pdf"}
_UNSAFE = re.compile("[^A-Za-z0-9._-]+")  # in the name of a file
_SHA256 = re.compile("[0-9a-f]{64}")
_FAULTS = {
    404: ("There is no such page", "It may have moved on; your cases show what there is."),
    405: ("That cannot be done here", "Go back to your cases."),
    413: ("That is too long", "A reply may have some hundred pages at the most."),
}


def application(review: Review) -> ASGIApp:
    """The pages, behind the gate."""

    def sign_in(request: Request) -> Response:
        return _sign_in(review, request)

    async def picture(request: Request) -> Response:
        return await _picture(review, request)

    routes = [
        Route("/", _of(review, _cases)),
        Route("/cases/{key}", _of(review, _case)),
        Route("/cases/{key}/files/{sha256}", _of(review, _file)),
        Route("/cases/{key}/record.{form}", _of(review, _record)),
        Route("/pictures/{size}/{sha256}", picture),
        *drafting.routes(review),
        Route(f"{SIGN_IN}{{link}}", sign_in),
        Route(f"{STATIC}{{hash}}/{{name}}", _static),
    ]
    app = Starlette(
        routes=routes,
        middleware=[
            Middleware(GZipMiddleware, minimum_size=2000),
            Middleware(RequestBodyLimitMiddleware, max_body_size=MOST_BODY),
        ],
        exception_handlers={HTTPException: _fault, AttachwatchError: _failure, Exception: _bug},
    )
    return Gate(app, review.keys, review.port, pages.problem)


Page = Callable[[Review, Request], Response]


def _of(review: Review, made: Page) -> Callable[[Request], Response]:
    def endpoint(request: Request) -> Response:
        return made(review, request)

    return endpoint


# --- coming in ----------------------------------------------------------------------------------------------


def _sign_in(review: Review, request: Request) -> Response:
    """The session for the link. A page and no redirect: a cookie that is `Strict` is not sent on one that began
    elsewhere, as in a mail or a terminal in the browser."""
    session = review.keys.sign_in(request.path_params["link"]) if request.method == "GET" else None
    if session is None:
        remedy = "It can be used once, for ten minutes. Start “attachwatch review” again for a new one."
        return pages.problem(403, "This link is used up", remedy)
    response = pages.page("welcome.html", review.root)
    response.set_cookie(cookie_name(review.port), session, path=review.root, httponly=True, samesite="strict")
    return response


def _static(request: Request) -> Response:
    found = pages.assets().get("{}{hash}/{name}".format(STATIC, **request.path_params))
    if found is None:
        raise HTTPException(404)
    data, media_type = found
    return Response(data, media_type=media_type, headers={"Cache-Control": _FOR_EVER})


# --- reading ------------------------------------------------------------------------------------------------


def _cases(review: Review, _request: Request) -> Response:
    picture = review.state.picture()
    watcher = health.read(picture.settings.health_file)
    return pages.page("cases.html", review.root, picture=picture, is_watched=watcher is not None and watcher.is_alive)


def _case(review: Review, request: Request) -> Response:
    picture = review.state.picture()
    view = _view(picture.cases, request)
    standing = view.progress.standing
    wrong_only = request.query_params.get("show") == "wrong"
    wrong_annexes = [s for s in standing.annexes if view.is_to_look_at(s)]
    wrong_others = [f for f in standing.unexpected if f.inspection.verdict.accuses]
    return pages.page(
        "case.html",
        review.root,
        picture=picture,
        view=view,
        annexes=wrong_annexes if wrong_only else standing.annexes,
        unexpected=wrong_others if wrong_only else standing.unexpected,
        wrong=len(wrong_annexes) + len(wrong_others),
        wrong_only=wrong_only,
        questions=questions(view.progress),
        records=[form for form in _RECORDS if form != "pdf" or find_spec("typst")],
    )


def _file(review: Review, request: Request) -> Response:
    picture = review.state.picture()
    view = _view(picture.cases, request)
    file = view.files.get(request.path_params["sha256"])
    if file is None:
        raise HTTPException(404)
    return pages.page("file.html", review.root, picture=picture, view=view, file=file, statuses=view.statuses_of(file))


def _record(review: Review, request: Request) -> Response:
    """The record of a case, to be kept: never a page among these, which would run under their rules."""
    picture, form = review.state.picture(), request.path_params["form"]
    view = _view(picture.cases, request)
    if form not in _RECORDS:
        raise HTTPException(404)
    record = record_of(picture.overviews[view.mailbox], view.progress, review.state.ledger)
    name = _UNSAFE.sub("-", view.case.reference)[:60].strip("-.") or view.key
    headers = {"Content-Disposition": f'attachment; filename="record-{name}.{form}"'}
    return Response(rendered(record, form), media_type=_RECORDS[form], headers=headers)


def _view(cases: Mapping[str, CaseView], request: Request) -> CaseView:
    view = cases.get(request.path_params["key"])
    if view is None:
        raise HTTPException(404)
    return view


async def _picture(review: Review, request: Request) -> Response:
    """The first page of a file, small: never the file."""
    size, sha256 = request.path_params["size"], request.path_params["sha256"]
    if size not in SIDES or not _SHA256.fullmatch(sha256):
        raise HTTPException(404)
    if not await run_in_threadpool(review.state.is_paintable, sha256):
        raise HTTPException(404)
    data = await run_in_threadpool(review.pictures.kept, sha256, size)
    if data is None:
        async with review.painting:  # one at a time, and whoever waits holds no thread
            data = await run_in_threadpool(review.pictures.made, sha256, size)
    if not data:
        raise HTTPException(404)
    return Response(data, media_type="image/webp")


# --- what goes wrong ----------------------------------------------------------------------------------------


def _fault(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    heading, remedy = _FAULTS.get(status, ("That did not work", "Go back to your cases."))
    return pages.problem(status, heading, remedy, root=request.scope["root_path"])


def _failure(request: Request, error: Exception) -> Response:
    """What can go wrong for a user, in its own words."""
    problem, remedy = getattr(error, "problem", str(error)), getattr(error, "remedy", "")
    return pages.problem(503, problem[:1].upper() + problem[1:], remedy, root=request.scope["root_path"])


def _bug(request: Request, _error: Exception) -> Response:
    """A fault of ours, of which the log tells more."""
    remedy = "Nothing was sent. Go back, and try once more."
    return pages.problem(500, "Something went wrong here", remedy, root=request.scope["root_path"])
