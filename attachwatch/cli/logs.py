"""Log lines: to stderr, one event each; JSON when no person is reading."""

import logging
import sys
import unicodedata

import structlog
from structlog.typing import EventDict, Processor


def show_events() -> None:
    """Log each event of the pipeline, too, as the daemon does; commands that answer a person keep to warnings."""
    logging.root.setLevel(min(logging.root.level, logging.INFO))


def configure(*, verbose: bool = False) -> None:
    """Send every log line, our libraries' too, through structlog."""
    level = logging.DEBUG if verbose else logging.WARNING
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        _harmless,
    ]
    renderer: list[Processor] = [_tracebacks_without_locals, structlog.processors.JSONRenderer()]
    if sys.stderr.isatty():
        plain = structlog.dev.plain_traceback
        renderer = [structlog.dev.ConsoleRenderer(exception_formatter=plain)]
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared, processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *renderer]
        )
    )
    logging.root.handlers[:] = [handler]
    logging.root.setLevel(level)
    for library in ("imapclient", "alembic", "apscheduler", "pypdf", "pikepdf"):
        # Below this, mail and its secrets would reach the log.
        logging.getLogger(library).setLevel(logging.INFO if verbose else logging.WARNING)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )


_tracebacks_without_locals = structlog.processors.ExceptionRenderer(
    structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
)


def _harmless(_logger: object, _method: str, event: EventDict) -> EventDict:
    """Names and subjects come from strangers: no control character of theirs reaches a terminal or splits a line."""
    return {k: _escaped(v) if isinstance(v, str) and k != "exception" else v for k, v in event.items()}


def _escaped(text: str) -> str:
    return "".join(c.encode("unicode_escape").decode() if unicodedata.category(c).startswith("C") else c for c in text)
