"""Machine code of LLVM assembly for this processor, kept on disk between runs.

A kept file holds the SHA-256 of its own code and the key that it stands for, which names the text,
the processor and the version of the compiler. A file that is torn, foreign or for another key is
not used, and is written anew. The folder is `theorylab` in the user's cache folder, or
THEORYLAB_CACHE (empty: keep nothing); where it cannot be written, or is not the user's alone to
write, nothing is kept and nothing is read: code is compiled each time.
"""

from __future__ import annotations

import hashlib
import os
import stat
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import llvmlite
from llvmlite import binding

MAGIC = b"theorylab object code 1\n"
KEPT = 4_096
"""How many files are kept; the oldest go first."""
LOADED = 512
"""How many programs stay loaded in a process."""
Code = Any


@dataclass(frozen=True)
class Loaded:
    """Code in memory. `engine` owns it: the code lives as long as this object does."""

    engine: Any

    def address(self, name: str) -> int:
        """The address of a function."""
        return int(self.engine.get_function_address(name))


@lru_cache(maxsize=LOADED)
def load(text: str, level: int = 1, passes: int = 0) -> Loaded:
    """The assembly as code in memory: compiled, or read from the folder of kept code."""
    digest = key(text, level, passes)
    code = kept(digest)
    if code is None:
        code = compile_text(text, level, passes)
        keep(digest, code)
    return Loaded(_linked(code))


def key(text: str, level: int, passes: int) -> str:
    """What code depends on, as one SHA-256."""
    parts = [text, str(level), str(passes), *_processor(), llvmlite.__version__]
    return hashlib.sha256("\0".join([*parts, str(binding.llvm_version_info)]).encode()).hexdigest()


@cache
def _processor() -> tuple[str, str, str]:
    _set_up()
    triple = binding.get_process_triple()
    return triple, binding.get_host_cpu_name(), binding.get_host_cpu_features().flatten()


@cache
def _set_up() -> None:
    binding.initialize_native_target()
    binding.initialize_native_asmprinter()


def _machine(level: int) -> Any:
    triple, name, features = _processor()
    target = binding.Target.from_triple(triple)
    return target.create_target_machine(
        cpu=name, features=features, opt=level, codemodel="jitdefault"
    )


def compile_text(text: str, level: int, passes: int) -> bytes:
    """Object code of the assembly. `passes` is LLVM's level of optimisation before code is made;
    straight-line code from a tape, which shares and folds already, needs none."""
    machine, module = _machine(level), binding.parse_assembly(text)
    module.verify()
    if passes:
        options = binding.create_pipeline_tuning_options(speed_level=passes)
        builder = binding.create_pass_builder(machine, options)
        builder.getModulePassManager().run(module, builder)
    return bytes(machine.emit_object(module))


def _linked(code: bytes) -> Any:
    engine = binding.create_mcjit_compiler(binding.parse_assembly(""), _machine(1))
    engine.add_object_file(binding.ObjectFileRef.from_data(code))
    engine.finalize_object()
    return engine


# ---- the folder ----------------------------------------------------------------------------------


def folder() -> Path | None:
    """Where code is kept, made if need be; None where that is not possible or not safe."""
    named = os.environ.get("THEORYLAB_CACHE")
    with suppress(OSError, RuntimeError):  # a home folder may be unknown
        path = Path(named) if named else _cache_home() / "theorylab"
        if named == "":
            return None
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        return path if _is_ours(path) else None
    return None


def _cache_home() -> Path:
    named = os.environ.get("XDG_CACHE_HOME", "")
    return Path(named) if os.path.isabs(named) else Path.home() / ".cache"


def _is_ours(path: Path) -> bool:
    """Whether only this user may write there: what is read from it will run."""
    found = path.stat()
    if hasattr(os, "getuid") and found.st_uid != os.getuid():
        return False
    return not found.st_mode & (stat.S_IWGRP | stat.S_IWOTH) and os.access(path, os.W_OK)


def kept(digest: str) -> bytes | None:
    """The code kept for a key; None where there is none, or not whole."""
    path = folder()
    with suppress(OSError):
        return None if path is None else _checked((path / f"{digest}.o").read_bytes(), digest)
    return None


def _checked(data: bytes, digest: str) -> bytes | None:
    head = MAGIC + digest.encode() + b"\n"
    start = len(head) + 65
    code = data[start:]
    sealed = head + hashlib.sha256(code).hexdigest().encode() + b"\n"
    return code if code and data[:start] == sealed else None


def keep(digest: str, code: bytes) -> None:
    """Keep code for a key, whole or not at all; silent where it cannot be kept."""
    path = folder()
    if path is None:
        return
    head = MAGIC + digest.encode() + b"\n" + hashlib.sha256(code).hexdigest().encode() + b"\n"
    with suppress(OSError):
        _write(path / f"{digest}.o", head + code)
        _prune(path)


def _write(path: Path, data: bytes) -> None:
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.replace(temporary, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary)
        raise


def _prune(path: Path, limit: int = KEPT) -> None:
    names = [name for name in os.listdir(path) if name.endswith(".o")]
    if len(names) > limit:
        by_age = sorted((path / name for name in names), key=lambda file: file.stat().st_mtime)
        for file in by_age[: len(names) - limit * 3 // 4]:
            file.unlink(missing_ok=True)
