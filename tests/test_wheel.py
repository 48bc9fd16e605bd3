"""What is handed out: the same bytes twice, what is needed and nothing else, and it runs where no checkout is."""

import os
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from collections.abc import Iterator
from email.parser import BytesParser
from pathlib import Path

import pytest

import attachwatch
from attachwatch import config
from attachwatch.cli import COMMANDS
from attachwatch.demo import story

CHECKOUT = Path(__file__).parents[1]
BESIDE = Path(sys.executable).parent
BUILT_AT = "1700000000"  # SOURCE_DATE_EPOCH

MICROSOFT = """
[store]
path = "elsewhere"
[[mailbox]]
name = "foi"
host = "outlook.office365.com"
username = "me@newsroom.example"
auth = "xoauth2"
sign_in = "microsoft365"
client_id = "00000000-0000-0000-0000-000000000000"
[[case]]
reference = "FOI1"
mailbox = "foi"
authority = ["interior.example"]
"""
_NO_INDEX = re.compile(r"network|offline|connect|dns|timed out|client error|no cache|unavailable", re.IGNORECASE)


def call(*words: object, cwd: Path, check: bool = True, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run it with neither this checkout nor this environment's settings about it."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "COV_", "COVERAGE_", "VIRTUAL_ENV"))}
    done = subprocess.run(
        [str(w) for w in words],
        cwd=cwd,
        env=kept | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=110,
    )
    assert done.returncode == 0 or not check, done.stdout + done.stderr
    return done


def build(to: Path) -> tuple[Path, Path]:
    call(sys.executable, "-m", "hatchling", "build", "-d", to, cwd=CHECKOUT, SOURCE_DATE_EPOCH=BUILT_AT)
    (wheel,), (sdist,) = to.glob("*.whl"), to.glob("*.tar.gz")
    return wheel, sdist


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return build(tmp_path_factory.mktemp("dist"))


def test_it_is_built_with_the_same_bytes_twice(built: tuple[Path, Path], tmp_path: Path) -> None:
    again = build(tmp_path)
    assert [p.name for p in again] == [p.name for p in built]
    assert [p.read_bytes() for p in again] == [p.read_bytes() for p in built]


def test_the_wheel_from_the_sdist_is_the_wheel_from_the_checkout(built: tuple[Path, Path], tmp_path: Path) -> None:
    wheel, sdist = built
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path, filter="data")
    (unpacked,) = tmp_path.iterdir()
    words = (sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path / "dist")
    call(*words, cwd=unpacked, SOURCE_DATE_EPOCH=BUILT_AT)
    assert (tmp_path / "dist" / wheel.name).read_bytes() == wheel.read_bytes()


def test_a_package_index_would_take_it(built: tuple[Path, Path], tmp_path: Path) -> None:
    call(BESIDE / "twine", "check", "--strict", *built, cwd=tmp_path)
    call(BESIDE / "check-wheel-contents", "--config", CHECKOUT / "pyproject.toml", built[0], cwd=CHECKOUT)


def test_the_wheel_has_what_is_needed_and_nothing_else(built: tuple[Path, Path]) -> None:
    package = CHECKOUT / "attachwatch"
    ours = {p.relative_to(CHECKOUT).as_posix() for p in package.rglob("*") if p.is_file() and _is_needed(p)}
    with zipfile.ZipFile(built[0]) as wheel:
        names = set(wheel.namelist())
        (about,) = (n for n in names if n.endswith(".dist-info/METADATA"))
        metadata = BytesParser().parsebytes(wheel.read(about))
    assert {n for n in names if n.startswith("attachwatch/")} == ours
    assert {n.split("/")[0] for n in names} == {
        "attachwatch",
        f"attachwatch-{attachwatch.__version__}.dist-info",
        f"attachwatch-{attachwatch.__version__}.data",
    }
    shared = f"attachwatch-{attachwatch.__version__}.data/data/share/"
    assert {n.removeprefix(shared) for n in names if n.startswith(shared)} == {
        "bash-completion/completions/attachwatch",
        "fish/vendor_completions.d/attachwatch.fish",
        "man/man1/attachwatch.1",
        "zsh/site-functions/_attachwatch",
    }
    assert metadata["Version"] == attachwatch.__version__
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]
    assert metadata.get_all("Provides-Extra") == sorted(project["optional-dependencies"])


def test_the_sdist_has_what_the_documentation_is_built_from(built: tuple[Path, Path]) -> None:
    with tarfile.open(built[1]) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    wanted = {p.relative_to(CHECKOUT).as_posix() for p in (CHECKOUT / "docs").rglob("*") if p.is_file()}
    wanted = {name for name in wanted if "__pycache__" not in name} | {"mkdocs.yml", "corrupt_samples/manifest.csv"}
    assert wanted - names == set()


def _is_needed(path: Path) -> bool:
    return "__pycache__" not in path.parts and path.suffix != ".mako"


def test_the_version_stands_in_one_place() -> None:
    told = re.compile(re.escape(attachwatch.__version__) + r"(?![\d.])")
    where = [
        p.relative_to(CHECKOUT).as_posix()
        for p in (*CHECKOUT.glob("*.toml"), *CHECKOUT.glob("*.cff"), *CHECKOUT.glob("attachwatch/**/*.py"))
        if any(told.search(line) and "version" in line.lower() for line in p.read_text().splitlines())
    ]
    assert where == ["attachwatch/__init__.py"]


@pytest.mark.parametrize("shell", ["bash", "fish", "zsh"])
def test_the_completions_in_the_wheel_are_those_that_the_command_prints(shell: str) -> None:
    printed = call(sys.executable, "-m", "attachwatch", "completion", shell, cwd=CHECKOUT).stdout
    assert (CHECKOUT / "share" / "completions" / f"attachwatch.{shell}").read_text() == printed


def test_the_manual_page_in_the_wheel_is_of_these_commands() -> None:
    # By a process of its own: click remembers how a command was asked for help first.
    page = call(sys.executable, "-m", "docs.generate.man", cwd=CHECKOUT).stdout
    assert (CHECKOUT / "share" / "man" / "attachwatch.1").read_text() == page, "run `make completions`"


def test_the_manual_page_has_each_command_and_formats_without_a_warning() -> None:
    page = CHECKOUT / "share" / "man" / "attachwatch.1"
    for name in COMMANDS:
        assert f".SS attachwatch {name}\n" in page.read_text()
    if shutil.which("groff") is None:
        pytest.skip("no groff")
    done = call("groff", "-man", "-ww", "-Tutf8", "-z", page, cwd=CHECKOUT)
    assert (done.stdout, done.stderr) == ("", "")


@pytest.fixture(scope="module")
def installed(built: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The program, installed from the wheel as `pipx` and `uv tool` do it: an environment of its own, outside the
    checkout. Its packages come from the cache of this machine or else from the index."""
    home = tmp_path_factory.mktemp("installed")
    uv, environment = BESIDE / "uv", home / "venv"
    call(uv, "venv", "--quiet", "--python", sys.executable, environment, cwd=home)
    into = ("--python", environment / "bin" / "python", "--constraints", CHECKOUT / "requirements" / "runtime.txt")
    words = (uv, "pip", "install", "--quiet", *into, built[0])
    if call(*words, "--offline", cwd=home, check=False).returncode:
        done = call(*words, cwd=home, check=False, UV_HTTP_RETRIES="0", UV_HTTP_TIMEOUT="30")
        if done.returncode and _NO_INDEX.search(done.stderr):
            pytest.skip(f"NO PACKAGE INDEX, and not all is in the cache: {done.stderr.strip().splitlines()[-1]}")
        assert done.returncode == 0, done.stderr
    yield environment / "bin" / "attachwatch"
    shutil.rmtree(home)


@pytest.mark.timeout(300)
def test_what_was_installed_from_the_wheel_works(installed: Path, tmp_path: Path) -> None:
    """One test, for installing takes its time."""
    versions = call(installed, "--version", cwd=tmp_path).stdout.splitlines()
    assert versions[0] == f"attachwatch {attachwatch.__version__}"
    assert [line.split()[0] for line in versions[2:]] == ["qpdf", "pypdf", "pdfium"]

    folder = tmp_path / "demo"
    shown = call(installed, "demo", "--folder", folder, cwd=tmp_path).stdout
    assert "We note that the following documents do not open" in shown
    (tmp_path / "notes.pdf").write_bytes(b"%PDF-1.7\n")
    done = call(installed, "verify", tmp_path / "notes.pdf", cwd=tmp_path, check=False)
    assert (done.returncode, "broken" in done.stdout) == (1, True)

    microsoft = tmp_path / "microsoft.toml"
    microsoft.write_text(MICROSOFT)
    bucket = tmp_path / "bucket.toml"
    bucket.write_text(MICROSOFT.replace('path = "elsewhere"', 'path = "elsewhere"\nattachments = "s3://foi"'))
    for words, package in (  # a command whose extra is not there says so, in one line
        (("report", story.REFERENCE, "--config", folder / config.FILE_NAME, "--output", "r.pdf"), "attachwatch[pdf]"),
        (("signin", "foi", "--config", microsoft), "attachwatch[microsoft365]"),
        (("watch", "--once", "--config", bucket), "attachwatch[s3]"),
        (("verify", folder, "--cluster", "local:1", "--output", folder / "results"), "attachwatch[cluster]"),
    ):
        done = call(installed, *words, cwd=tmp_path, check=False)
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
        assert package in done.stderr
    assert (installed.parents[1] / "share" / "man" / "man1" / "attachwatch.1").is_file()
    where = call(installed.with_name("python"), "-c", "import attachwatch; print(attachwatch.__file__)", cwd=tmp_path)
    assert Path(where.stdout.strip()).is_relative_to(installed.parents[1])
