"""The pipeline's clock: polls each mailbox on its schedule until told to stop."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import structlog
from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_MAX_INSTANCES, JobEvent
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from attachwatch.config import MailboxSettings
from attachwatch.errors import AttachwatchError
from attachwatch.service.pipeline import Pipeline

_GRACE = 4.0  # seconds that a poll has to come to a good place to stop at
log = structlog.get_logger()


def poll_once(pipeline: Pipeline) -> list[AttachwatchError]:
    """Poll every mailbox once; one that fails keeps no other from being polled."""
    failures = []
    with _until_signalled(pipeline.stopping):
        for mailbox in pipeline.settings.mailbox:
            try:
                pipeline.poll(mailbox)
            except AttachwatchError as error:
                failures.append(error)
    return failures


def watch(pipeline: Pipeline) -> None:
    """Poll every mailbox on its schedule until SIGTERM or SIGINT."""
    mailboxes = pipeline.settings.mailbox
    idle = threading.Semaphore(len(mailboxes))
    scheduler = BackgroundScheduler(executors={"default": ThreadPoolExecutor(len(mailboxes))})
    scheduler.add_listener(_tell_trouble, EVENT_JOB_ERROR | EVENT_JOB_MAX_INSTANCES)
    for mailbox in mailboxes:
        scheduler.add_job(
            _scheduled_poll,
            "interval",
            args=(pipeline, mailbox, idle),
            seconds=mailbox.poll_every.total_seconds(),
            id=mailbox.name,
            next_run_time=datetime.now().astimezone(),
            misfire_grace_time=None,  # a late poll is still wanted, after a suspend above all
            coalesce=True,
            max_instances=1,
        )
    with _until_signalled(pipeline.stopping):
        if lacking := pipeline.inspector.confinement.lacking:
            log.warning("readers.less-confined", lacking=lacking)  # bounds on memory and time hold all the same
        scheduler.start()
        log.info("watch.started", mailboxes=[m.name for m in mailboxes])
        pipeline.stopping.wait()
        log.info("watch.stopping")
        scheduler.shutdown(wait=False)
        if not all(idle.acquire(timeout=_GRACE) for _ in mailboxes):
            # Every step is durable or will be done again, so a poll that hangs in the network need not be awaited.
            log.warning("watch.ended", polls="cut short")
            os._exit(0)
    log.info("watch.ended")


def _scheduled_poll(pipeline: Pipeline, mailbox: MailboxSettings, idle: threading.Semaphore) -> None:
    with idle:
        try:
            pipeline.poll(mailbox)
        except AttachwatchError as error:
            log.error("poll.failed", mailbox=mailbox.name, problem=str(error))


def _tell_trouble(event: JobEvent) -> None:
    if event.code == EVENT_JOB_MAX_INSTANCES:
        log.warning("poll.still-running", mailbox=event.job_id)
    else:
        log.error("poll.crashed", mailbox=event.job_id, problem=repr(event.exception))


@contextmanager
def _until_signalled(stopping: threading.Event) -> Iterator[None]:
    """Within, SIGTERM and SIGINT set `stopping` and do nothing else."""
    former = {s: signal.signal(s, lambda *_: stopping.set()) for s in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)
