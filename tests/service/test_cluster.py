"""A large collection on a real cluster of Dask, whose workers die: every file is in the results once."""

import json
import os
import signal
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import click
import dask
import pytest
from click.testing import CliRunner, Result
from distributed import LocalCluster, Worker, WorkerPlugin

from attachwatch.cli import verify as command
from attachwatch.demo import damage, documents
from attachwatch.errors import AttachwatchError, ClusterError
from attachwatch.service import archive, cluster, sources
from attachwatch.service.archive import Row
from attachwatch.service.cluster import Cluster
from attachwatch.service.sources import Source
from tests import schemas

HEALTHY = documents.report("Minutes", 2)
CUT = damage.truncate(HEALTHY, 0.5)


@pytest.fixture(scope="module")
def workers() -> Iterator[Cluster]:
    with cluster.connected("local:2", 8.0) as made:
        yield made


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "in"
    folder.mkdir()
    for number in range(6):
        (folder / f"{number}.pdf").write_bytes(HEALTHY + b"%%%d\n" % number)
    (folder / "Annex A.pdf").write_bytes(CUT)
    return folder


class Deadly(WorkerPlugin):
    """Files at which a worker is killed: "poison" each time, "once" if nobody was before."""

    name = "deadly"

    def setup(self, worker: Worker) -> None:
        really = archive.rows

        def rows(batch: Sequence[Source], *more: object) -> list[tuple[Source, list[Row]]]:
            for path in (Path(source.path) for source in batch):
                marked = path.with_name(f".{path.name}")
                if path.stem == "poison" or (path.stem == "once" and not marked.exists()):
                    marked.touch()
                    os.kill(os.getpid(), signal.SIGKILL)
                if path.stem == "bug":
                    raise ZeroDivisionError
            return really(batch, *more)  # type: ignore[arg-type]

        archive.rows = rows  # type: ignore[assignment]


def test_workers_die_and_every_file_is_there_once(workers: Cluster, folder: Path) -> None:
    for name in ("poison", "once", "bug"):
        (folder / f"{name}.pdf").write_bytes(HEALTHY)
    workers.client.register_plugin(Deadly())
    try:
        found = list(cluster.inspect_all(workers, sources.listed([str(folder)]), batch=4))
    finally:
        workers.client.unregister_worker_plugin(Deadly.name)
    assert Counter(Path(source.path).name for source, _ in found) == Counter(p.name for p in folder.glob("[!.]*"))
    rows = {row["name"]: row for _, own in found for row in own}
    assert {name for name, row in rows.items() if row["verdict"] == "unchecked"} == {"poison.pdf", "bug.pdf"}
    poison, bug = rows["poison.pdf"], rows["bug.pdf"]
    assert (poison["cause"], bool(poison["stamp"]), poison["attention"]) == ("reader-crashed", True, True)
    assert poison["findings"][0]["message"].startswith("Workers died each time")
    assert (bug["stamp"], bug["findings"][0]["message"]) == ("", "Its inspection failed: ZeroDivisionError.")
    assert [f for row in rows.values() for f in schemas.faults("archive-line", json.loads(json.dumps(row)))] == []


@pytest.fixture
def address(workers: Cluster) -> Iterator[str]:
    """Where others find the scheduler of `workers`, who have its certificates by Dask's configuration."""
    tls = workers.client.security
    own = {"ca-file": tls.tls_ca_file, "client.cert": tls.tls_client_cert, "client.key": tls.tls_client_key}
    with dask.config.set({f"distributed.comm.tls.{key}": value for key, value in own.items()}):
        yield str(workers.client.scheduler_info()["address"])


def test_nobody_else_gives_work_to_workers_on_this_machine(workers: Cluster, folder: Path, tmp_path: Path) -> None:
    at = workers.client.scheduler_info()["address"]
    assert at.startswith("tls://127.0.0.1:")
    with pytest.raises(ClusterError, match="needs certificates"):
        verify(folder, "--cluster", at, "--output", tmp_path / "out")
    with pytest.raises(ClusterError, match="no Dask scheduler answers"):
        verify(folder, "--cluster", at.replace("tls:", "tcp:"), "--output", tmp_path / "out")


def verify(*words: object) -> Result:
    """The command, in this process; it raises what the program would tell in one line."""
    said = [str(w) for w in words]
    done = CliRunner().invoke(command.command, said, standalone_mode=False)
    if done.exception:
        raise done.exception
    schemas.hold(("verify", *said), done.stdout)
    return done


def in_results(output: Path) -> list[str]:
    rows = [json.loads(line) for part in sorted(output.glob("part-*")) for line in part.read_text().splitlines()]
    return [Path(row["path"]).name for row in rows]


def test_the_command_sums_up_and_a_stopped_run_is_gone_on_with(
    address: str, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = (folder, "--cluster", address, "--output", tmp_path / "out", "--json")
    really = cluster.inspect_all

    def stopped(*given: object) -> Iterator[tuple[Source, list[Row]]]:
        for number, one in enumerate(really(*given)):  # type: ignore[arg-type]
            if number == 3:
                raise KeyboardInterrupt
            yield one

    monkeypatch.setattr(cluster, "inspect_all", stopped)
    with pytest.raises(click.Abort):
        verify(*words)
    assert len(in_results(tmp_path / "out")) == 3
    monkeypatch.undo()
    done = verify(*words)
    document = json.loads(done.stdout)
    assert (document["inspected"], document["summary"]["files"], document["summary"]["broken"]) == (4, 7, 1)
    assert [Path(f["path"]).name for f in document["attention"]] == ["Annex A.pdf"]
    assert sorted(in_results(tmp_path / "out")) == sorted(p.name for p in folder.iterdir())
    assert done.return_value == 1


def test_a_list_is_taken_and_nothing_new_needs_no_cluster(address: str, folder: Path, tmp_path: Path) -> None:
    listed = tmp_path / "list"
    listed.write_text(f"{folder}/1.pdf\nfile://{folder}/Annex A.pdf\n{folder}/1.pdf\n")
    words = ("--from", listed, "--output", tmp_path / "out", "--format", "parquet", "--cluster")
    done = verify(*words, address)
    assert "2 files: 1 ok, 1 broken" in done.stdout
    assert "dashboard: http" in done.stderr
    assert "0 were inspected now" in verify(*words, "tcp://127.0.0.1:1").stdout


def test_a_scheduler_that_is_not_there_is_told(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "_ANSWERS_WITHIN", 0.5)
    with pytest.raises(ClusterError, match="no Dask scheduler answers at tcp://127"):
        verify(folder, "--cluster", "tcp://127.0.0.1:1", "--output", tmp_path / "out")


def test_a_scheduler_that_goes_away_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "_ANSWERS_WITHIN", 0.5)
    quick = {"distributed.comm.timeouts.connect": "1s"}
    with (
        dask.config.set(quick),
        LocalCluster(
            n_workers=1, threads_per_worker=1, processes=False, protocol="tcp", host="127.0.0.1", dashboard_address=None
        ) as made,
    ):
        with pytest.raises(ClusterError, match="went away"):
            with cluster.connected(made.scheduler_address, 8.0) as workers:
                for number, _ in enumerate(cluster.inspect_all(workers, sources.listed([str(folder)]), batch=1)):
                    if number == 1:
                        made.sync(made.scheduler.close)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--draft", "x"), "--draft goes not with --cluster"),
        (("--annexes", "x"), "--annexes goes not with --cluster"),
        (("--jobs", "2"), "--jobs goes not with --cluster"),
        (("--format", "html"), "--format html goes not with --cluster"),
        (("--from", "x"), "--from and paths are both given"),
        (("--cluster", "nonsense"), "--cluster nonsense: no such place"),
        (("--cluster", "local:0"), "--cluster local:0: no such place"),
    ],
)
def test_what_goes_not_together_is_told_before_anything_begins(words: Sequence[str], says: str, folder: Path) -> None:
    with pytest.raises(AttachwatchError, match=says) as raised:
        verify(folder, "--cluster", "local:1", "--output", folder / "out", *words)
    assert raised.value.status == 2
    assert not (folder / "out").exists()


@pytest.mark.parametrize("words", [("--format", "parquet"), ("--from", "x"), ("--chunk", "3")])
def test_what_goes_with_a_cluster_alone_is_told(words: Sequence[str], folder: Path) -> None:
    with pytest.raises(AttachwatchError, match=f"{words[0]}.* goes only with --cluster"):
        verify(folder, *words)


def test_without_dask_the_extra_is_named(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "attachwatch.service.cluster")
    monkeypatch.delattr("attachwatch.service.cluster")
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(AttachwatchError, match=r"pip install 'attachwatch\[cluster\]'") as raised:
        verify(folder, "--cluster", "local:1", "--output", tmp_path / "out")
    assert raised.value.status == 2
