"""The folder of kept code: used when whole and ours, else written anew or left alone."""

import os
from pathlib import Path

import numpy as np
import pytest

from theorylab.lowering import Program
from theorylab.machine import evaluate
from theorylab.simd import objects
from theorylab.simd.assembly import assembly

DOUBLED = Program((("input", "0"), ("+", 0, 0)), (1,))
TRIPLED = Program((("input", "0"), ("+", 0, 0), ("+", 1, 0)), (2,))


@pytest.fixture
def compiled(monkeypatch, tmp_path):
    """A folder of kept code, nothing loaded, and the texts that are compiled from now on."""
    texts, compile_text = [], objects.compile_text

    def counted(text, level, passes):
        texts.append(text)
        return compile_text(text, level, passes)

    monkeypatch.setattr(objects, "compile_text", counted)
    monkeypatch.setenv("THEORYLAB_CACHE", str(tmp_path / "kept"))
    objects.load.cache_clear()
    yield texts
    objects.load.cache_clear()


def doubled():
    """The doubled program as a new process would run it."""
    objects.load.cache_clear()
    return evaluate(DOUBLED)(np.array([[1.0, 2.5]])).tolist()


def kept_file():
    """The file of the doubled program."""
    digest = objects.key(assembly(DOUBLED).text, 1, 0)
    return Path(os.environ["THEORYLAB_CACHE"]) / f"{digest}.o"


def times(texts):
    """How often the doubled program was compiled."""
    return texts.count(assembly(DOUBLED).text)


def test_code_is_compiled_once(compiled):
    """In another process it is read; in the same one it stays loaded."""
    assert doubled() == doubled() == [[2.0, 5.0]]
    assert times(compiled) == 1
    first = objects.load(assembly(DOUBLED).text)
    assert objects.load(assembly(DOUBLED).text) is first


@pytest.mark.parametrize("size", [0, 10, 60, 150, -1])
def test_a_torn_file_is_written_anew(compiled, size):
    """Cut anywhere, or with a byte changed."""
    doubled()
    whole = kept_file().read_bytes()
    torn = whole[:size] if size >= 0 else whole[:-9] + bytes([whole[-9] ^ 1]) + whole[-8:]
    kept_file().write_bytes(torn)
    assert doubled() == [[2.0, 5.0]]
    assert kept_file().read_bytes() == whole
    assert times(compiled) == 2


def test_a_foreign_file_is_written_anew(compiled):
    """Whole, but another program's: its digest is right and its key is not."""
    doubled()
    whole = kept_file().read_bytes()
    evaluate(TRIPLED)
    other = next(p for p in kept_file().parent.glob("*.o") if p != kept_file() and is_tripled(p))
    kept_file().write_bytes(other.read_bytes())
    assert doubled() == [[2.0, 5.0]]
    assert kept_file().read_bytes() == whole


def is_tripled(path):
    return path.stem == objects.key(assembly(TRIPLED).text, 1, 0)


def test_nothing_else_is_left_in_the_folder(compiled):
    """Files get their names when they are whole; no temporary one remains."""
    doubled()
    assert all(path.suffix == ".o" for path in kept_file().parent.iterdir())
    assert kept_file().parent.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("named", ["", "/proc/nowhere", "file"])
def test_without_a_folder_code_is_compiled(compiled, monkeypatch, tmp_path, named):
    """Asked for, impossible to make, or in the place of a file: the result is the same."""
    (tmp_path / "file").write_text("mine")
    monkeypatch.setenv("THEORYLAB_CACHE", str(tmp_path / named) if named == "file" else named)
    assert doubled() == doubled() == [[2.0, 5.0]]
    assert times(compiled) == 2
    assert (tmp_path / "file").read_text() == "mine"


def test_a_folder_that_others_can_write_is_not_used(compiled):
    """What is read from it would run."""
    doubled()
    kept_file().parent.chmod(0o777)
    assert doubled() == [[2.0, 5.0]]
    assert times(compiled) == 2


def test_the_folder_is_in_the_users_cache(monkeypatch, tmp_path):
    """XDG_CACHE_HOME, else ~/.cache; THEORYLAB_CACHE before both."""
    monkeypatch.delenv("THEORYLAB_CACHE", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert objects.folder() == tmp_path / "xdg" / "theorylab"
    monkeypatch.setenv("XDG_CACHE_HOME", "not/absolute")
    assert objects.folder() == tmp_path / "home" / ".cache" / "theorylab"
    monkeypatch.setenv("THEORYLAB_CACHE", str(tmp_path / "own"))
    assert objects.folder() == tmp_path / "own"


def test_the_key_names_text_processor_and_compiler(monkeypatch):
    """Code for one processor, or of one version of the compiler, is no other's."""
    keys = {objects.key("a", 1, 0), objects.key("b", 1, 0), objects.key("a", 2, 0)}
    triple, name, features = objects._processor()
    for processor in ((triple, "another", features), (triple, name, "-avx")):
        monkeypatch.setattr(objects, "_processor", lambda processor=processor: processor)
        keys.add(objects.key("a", 1, 0))
    monkeypatch.setattr(objects.llvmlite, "__version__", "0")
    keys.add(objects.key("a", 1, 0))
    assert len(keys) == 6


def test_the_oldest_files_go_first(compiled, tmp_path):
    """Beyond the limit a quarter goes."""
    for k in range(9):
        path = tmp_path / f"{k}.o"
        path.write_bytes(b"")
        os.utime(path, (k, k))
    objects._prune(tmp_path, limit=8)
    assert sorted(p.stem for p in tmp_path.glob("*.o")) == ["3", "4", "5", "6", "7", "8"]
