/* Python, linked statically, with nothing of the host's: no environment, no site, no search path but the package's own.
 *
 * The bootstrap code (importer.py, marshalled) is in the package and installs the finder of all modules before the
 * first one that is not built in is imported.
 */
#include <Python.h>
#include <limits.h>
#include <marshal.h>
#include <sys/prctl.h>

static void set(PyConfig *config, wchar_t **field, const wchar_t *text) {
  PyStatus status = PyConfig_SetString(config, field, text);
  if (PyStatus_Exception(status)) Py_ExitStatusException(status);
}

/* Run code in __main__, where FOLDER is the folder of the package's parts. */
static int run(PyObject *code, const wchar_t *folder) {
  PyObject *main = PyImport_AddModule("__main__");
  if (main) PyModule_AddObject(main, "FOLDER", PyUnicode_FromWideChar(folder, -1));
  PyObject *result = main && code ? PyEval_EvalCode(code, PyModule_GetDict(main), PyModule_GetDict(main)) : NULL;
  Py_XDECREF(result);
  if (!result) PyErr_Print();
  return result ? 0 : 1;
}

/* Read a code object; `self` is the path of the package's executable. */
static PyObject *read_code(const char *self, const char *name) {
  char path[PATH_MAX];
  snprintf(path, sizeof path, "%.*s/lib/%s", (int)(strrchr(self, '/') - self), self, name);
  FILE *file = fopen(path, "rb");
  if (!file) {
    perror(path); /* the starter has checked that it is there */
    exit(1);
  }
  PyObject *code = PyMarshal_ReadLastObjectFromFile(file);
  fclose(file);
  return code;
}

int main(int argc, char **argv) {
  prctl(PR_SET_NAME, "natgw");
  PyPreConfig before;
  PyPreConfig_InitIsolatedConfig(&before);
  before.utf8_mode = 1;
  PyStatus status = Py_PreInitialize(&before);
  if (PyStatus_Exception(status)) Py_ExitStatusException(status);

  PyConfig config;
  PyConfig_InitIsolatedConfig(&config);
  config._init_main = 0;
  config.site_import = 0;
  config.write_bytecode = 0;
  config.install_signal_handlers = 1;
  config.module_search_paths_set = 1;
  status = PyConfig_SetBytesArgv(&config, argc, argv);
  if (PyStatus_Exception(status)) Py_ExitStatusException(status);
  config.parse_argv = 0;

  wchar_t *self = Py_DecodeLocale(argv[0], NULL), folder[PATH_MAX];
  wcscpy(folder, self);
  wcscpy(wcsrchr(folder, L'/'), L"/lib");
  set(&config, &config.program_name, self);
  set(&config, &config.executable, self);
  set(&config, &config.base_executable, self);
  set(&config, &config.prefix, folder);
  set(&config, &config.base_prefix, folder);
  set(&config, &config.exec_prefix, folder);
  set(&config, &config.base_exec_prefix, folder);
  set(&config, &config.stdlib_dir, folder);
  set(&config, &config.platlibdir, L"lib");
  status = Py_InitializeFromConfig(&config);
  PyConfig_Clear(&config);
  if (PyStatus_Exception(status)) Py_ExitStatusException(status);

  if (run(read_code(argv[0], "importer.bin"), folder)) return 1;
  status = _Py_InitializeMain();
  if (PyStatus_Exception(status)) Py_ExitStatusException(status);
  if (run(read_code(argv[0], "start.bin"), folder)) return 1;
  return Py_FinalizeEx() < 0;
}
