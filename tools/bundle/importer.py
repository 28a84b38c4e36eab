"""The finder of the package's modules: their code is in one file, their extension modules are beside it.

It runs before any module of the standard library is imported, so it uses built-in and frozen modules only. `__file__`
names where a module would be under `lib`, because libraries find their data files by it.
"""

import _frozen_importlib as bootstrap
import marshal
import posix
import sys


class _Finder:
    """Finds every module of the package, and no module of the host."""

    def __init__(self, folder):
        self.folder = folder
        self.file = posix.open(folder + "/modules.bin", posix.O_RDONLY | posix.O_CLOEXEC)
        size = posix.fstat(self.file).st_size
        start = int.from_bytes(posix.pread(self.file, 8, size - 8), "little")
        self.index = marshal.loads(posix.pread(self.file, size - 8 - start, start))

    def find_spec(self, name, path=None, target=None):
        entry = self.index.get(name)
        if entry is None:
            return None
        kind, offset, _ = entry
        place = self.folder + "/" + name.replace(".", "/")
        if kind == "extension":
            from _frozen_importlib_external import ExtensionFileLoader

            origin = self.folder + "/" + offset
            spec = bootstrap.ModuleSpec(name, ExtensionFileLoader(name, origin), origin=origin)
        else:
            origin = place + ("/__init__.py" if kind == "package" else ".py")
            spec = bootstrap.ModuleSpec(name, self, origin=origin, is_package=kind == "package")
            if kind == "package":
                spec.submodule_search_locations.append(place)
        spec.has_location = True
        return spec

    def create_module(self, spec):
        return None

    def exec_module(self, module):
        exec(self.get_code(module.__name__), module.__dict__)
        if module.__name__ == "re._compiler":
            self.use_compiled_patterns(module)
        elif module.__name__ == "dataclasses":
            self.use_compiled_methods(module)

    def use_compiled_patterns(self, compiler):
        """Let `re` take the patterns that the build has compiled; it compiles any others itself."""
        import _sre

        table = marshal.loads(self.get_data(self.folder + "/patterns.bin"))
        known = table["patterns"] if table["magic"] == _sre.MAGIC else {}
        compile_text = compiler.compile

        def compile_pattern(text, flags=0):
            compiled = known.get((text, int(flags))) if type(text) in (str, bytes) else None
            return compile_text(text, flags) if compiled is None else _sre.compile(*compiled)

        compiler.compile = compile_pattern

    def use_compiled_methods(self, dataclasses):
        """Let `dataclasses` take the methods that the build has compiled; it compiles any others itself."""
        table = marshal.loads(self.get_data(self.folder + "/methods.bin"))

        def execute(text, *names):
            code = table.get(text)
            exec(text if code is None else marshal.loads(code), *names)

        dataclasses.exec = execute

    def get_code(self, name):
        _, offset, length = self.index[name]
        return marshal.loads(posix.pread(self.file, length, offset))

    def get_source(self, name):
        return None

    def is_package(self, name):
        return self.index[name][0] == "package"

    def get_data(self, path):
        file = posix.open(path, posix.O_RDONLY | posix.O_CLOEXEC)
        try:
            return posix.read(file, posix.fstat(file).st_size)
        finally:
            posix.close(file)


sys.meta_path[:] = [bootstrap.BuiltinImporter, bootstrap.FrozenImporter, _Finder(FOLDER)]  # noqa: F821 - python.c sets it
