/* The file that Terraform starts: a static program that runs the bundled Python under the bundled dynamic loader.
 *
 * It needs nothing of the machine but the kernel. All paths are relative to this file.
 * VERSION and SOURCE are set by the build.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <unistd.h>

static const char EXPLANATION[] =
    "This is natgw " VERSION ", a Terraform provider. Terraform starts it by itself; it does nothing when started by hand.\n"
    "To make `terraform init` find it, copy the zip that it came in, unopened, into ~/.terraform.d/plugins/" SOURCE "/\n"
    "and declare `source = \"" SOURCE "\"` in required_providers.\n";

/* Say in one line why the provider cannot start. Terraform shows the first line of stdout, and nothing of stderr. It may
 * lose the line when the process ends at once (hashicorp/go-plugin#298), and kills one whose line is no handshake. */
static int fail(const char *path, const char *why) {
  printf("natgw " VERSION " cannot start: %s: %s. Install the whole package again, into a folder that allows execution.\n",
         path, why);
  fflush(stdout);
  if (getenv("TF_PLUGIN_MAGIC_COOKIE")) sleep(1);
  return 1;
}

/* Check that every file that lib/files lists (its size and name in each line) exists and has its size. */
static int check(const char *folder, int length) {
  char path[PATH_MAX + 300], name[256];
  long long size;
  struct stat found;
  snprintf(path, sizeof path, "%.*s/lib/files", length, folder);
  FILE *list = fopen(path, "r");
  if (!list) return fail(path, strerror(errno));
  while (fscanf(list, "%lld %255[^\n]", &size, name) == 2) {
    snprintf(path, sizeof path, "%.*s/%s", length, folder, name);
    if (stat(path, &found)) return fail(path, strerror(errno));
    if (found.st_size != size) return fail(path, "the file has the wrong size");
  }
  fclose(list);
  return 0;
}

int main(int argc, char **argv) {
  char self[PATH_MAX], loader[PATH_MAX + 64], library[PATH_MAX + 64], python[PATH_MAX + 64];
  if (!getenv("TF_PLUGIN_MAGIC_COOKIE")) {
    fputs(EXPLANATION, stderr);
    return 1;
  }
  ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
  if (length >= 0)
    self[length] = '\0';
  else if (!realpath((char *)getauxval(AT_EXECFN), self)) /* without /proc: the path that was executed */
    return fail(argv[0], strerror(errno));
  int folder = (int)(strrchr(self, '/') - self);
  if (check(self, folder)) return 1;
  snprintf(library, sizeof library, "%.*s/lib", folder, self);
  snprintf(loader, sizeof loader, "%s/ld.so", library);
  snprintf(python, sizeof python, "%s/natgw", library);

  char *arguments[argc + 8];
  int count = 0;
  arguments[count++] = loader;
  arguments[count++] = "--inhibit-cache";
  arguments[count++] = "--library-path";
  arguments[count++] = library;
  arguments[count++] = "--argv0";
  arguments[count++] = self;
  arguments[count++] = python;
  for (int i = 1; i < argc; i++) arguments[count++] = argv[i];
  arguments[count] = NULL;
  /* What the host set for its own programs must not load anything into this one. */
  unsetenv("LD_PRELOAD");
  unsetenv("LD_LIBRARY_PATH");
  unsetenv("LD_AUDIT");
  unsetenv("GLIBC_TUNABLES");
  execv(loader, arguments);
  return fail(loader, strerror(errno));
}
