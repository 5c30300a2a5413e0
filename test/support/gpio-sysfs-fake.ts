// /sys/class/gpio for a kernel that has none: a FUSE file system whose files behave as the kernel's do
// (Documentation/ABI/obsolete/sysfs-gpio), poll(2) with POLLPRI included, so that onoff and epoll run unchanged. Beside it
// /sys/class/far: the far ends of the pins. It is mounted over /sys/class in a mount namespace of the test's own.

import { spawnSync } from 'node:child_process'
import { closeSync, existsSync, openSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Child, findProgram, startChild } from './child.js'

export const fakeSysfs = { label: 'slic', base: 504, lines: 8, far: '/sys/class/far' } as const

/** Why it cannot be had here, or undefined when it can. */
export const noFakeSysfsReason = (): string | undefined => {
  const refused = openingRefused('/dev/fuse')
  if (refused !== undefined) return refused
  if (!findProgram('gcc')) return 'the Debian package gcc is not installed'
  if (!existsSync('/usr/include/fuse3/fuse.h')) return 'the Debian package libfuse3-dev is not installed'
  if (!findProgram('unshare')) return 'needs util-linux'
  if (spawnSync('unshare', ['--mount', 'true']).status !== 0) return 'mount namespaces are not permitted here'
  return undefined
}

/** A device may be there and yet not be had: in a container, or by whoever is not root. */
const openingRefused = (device: string): string | undefined => {
  if (!existsSync(device)) return `this machine has no ${device}`
  try {
    closeSync(openSync(device, 'r+'))
    return undefined
  } catch (error) {
    return `${device} cannot be opened here (${(error as NodeJS.ErrnoException).code})`
  }
}

/** Compiles the file system's program in `folder`; the answer is its path. */
export const compileFakeSysfs = (folder: string): string => {
  const program = join(folder, 'gpio-sysfs')
  writeFileSync(`${program}.c`, source)
  const compiled = spawnSync(
    'gcc',
    [
      '-O1',
      '-Wall',
      '-D_FILE_OFFSET_BITS=64',
      '-I/usr/include/fuse3',
      '-o',
      program,
      `${program}.c`,
      '-lfuse3',
    ],
    { encoding: 'utf8' },
  )
  if (compiled.status !== 0) throw new Error(compiled.stderr)
  return program
}

/** Mounts it over /sys/class; only in a mount namespace of one's own. */
export const mountFakeSysfs = async (program: string): Promise<Child> => {
  const child = startChild(program, ['/sys/class', '-f', '-s'])
  for (let n = 0; n < 500 && !existsSync(fakeSysfs.far); n++) await new Promise(done => setTimeout(done, 10))
  if (!existsSync(fakeSysfs.far)) throw new Error(`no fake /sys/class: ${child.output()}`)
  return child
}

const source = String.raw`
#define FUSE_USE_VERSION 31
#include <errno.h>
#include <fuse.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINES = ${fakeSysfs.lines}, BASE = ${fakeSysfs.base} };
enum kind { NONE, FOLDER, EXPORT, UNEXPORT, LABEL, NUMBER, COUNT,
  DIRECTION, EDGE, VALUE, ACTIVE_LOW, PULL, LEVEL, DRIVEN, REFUSE, DEAF, GONE };

/* refuse: the error number that export ends in; deaf: the pin cannot interrupt, it has no edge file; gone: unplugged. */
struct line { int exported, out, level, active_low, both, pull, refuse, deaf, gone; unsigned turns; char driven[512]; };
struct opened { struct opened *next; int line; unsigned seen; struct fuse_pollhandle *waiting; };

static struct line lines[LINES];
static struct opened *all;

static int known(const char *name, const char *const *names) {
  for (int n = 0; names[n]; n++) if (!strcmp(name, names[n])) return n;
  return -1;
}

static enum kind parse(const char *path, int *at) {
  static const char *const folders[] = { "/", "/gpio", "/far", 0 };
  static const char *const chip[] = { "export", "unexport", 0 };
  static const char *const facts[] = { "label", "base", "ngpio", 0 };
  static const char *const files[] = { "direction", "edge", "value", "active_low", 0 };
  static const char *const ends[] = { "pull", "level", "driven", "refuse", "deaf", "gone", 0 };
  char name[32] = "";
  int n, k, end = 0;
  *at = -1;
  if (known(path, folders) >= 0) return FOLDER;
  if (sscanf(path, "/gpio/gpiochip%d%n/%31s", &n, &end, name) >= 1)
    return n != BASE ? NONE : !path[end] ? FOLDER : (k = known(name, facts)) < 0 ? NONE : LABEL + k;
  if (sscanf(path, "/gpio/gpio%d%n/%31s", &n, &end, name) >= 1) {
    if (n < BASE || n >= BASE + LINES || !lines[n - BASE].exported) return NONE;
    *at = n - BASE;
    if (!path[end]) return FOLDER;
    if ((k = known(name, files)) < 0 || (k == 1 && lines[*at].deaf)) return NONE;
    return DIRECTION + k;
  }
  if (sscanf(path, "/far/%31[a-z]%d", name, &n) == 2 && n >= 0 && n < LINES) {
    *at = n;
    return (k = known(name, ends)) < 0 ? NONE : PULL + k;
  }
  return strncmp(path, "/gpio/", 6) || (k = known(path + 6, chip)) < 0 ? NONE : EXPORT + k;
}

static int getattr(const char *path, struct stat *to, struct fuse_file_info *fi) {
  int at;
  enum kind kind = parse(path, &at);
  memset(to, 0, sizeof *to);
  to->st_mode = kind == FOLDER ? S_IFDIR | 0755 : S_IFREG | 0644;
  to->st_nlink = 1;
  to->st_size = kind == FOLDER ? 0 : 4096;
  return kind == NONE ? -ENOENT : 0;
}

static int readdir_(const char *path, void *into, fuse_fill_dir_t add, off_t from, struct fuse_file_info *fi,
                    enum fuse_readdir_flags flags) {
  char name[32];
  if (!strcmp(path, "/")) { add(into, "gpio", 0, 0, 0); add(into, "far", 0, 0, 0); }
  if (strcmp(path, "/gpio")) return 0;
  add(into, "export", 0, 0, 0);
  add(into, "unexport", 0, 0, 0);
  snprintf(name, sizeof name, "gpiochip%d", BASE);
  add(into, name, 0, 0, 0);
  for (int n = 0; n < LINES; n++) {
    snprintf(name, sizeof name, "gpio%d", BASE + n);
    if (lines[n].exported) add(into, name, 0, 0, 0);
  }
  return 0;
}

static int open_(const char *path, struct fuse_file_info *fi) {
  struct opened *file = calloc(1, sizeof *file);
  int at;
  if (parse(path, &at) != VALUE) at = -1;
  file->line = at;
  file->seen = at < 0 ? 0 : lines[at].turns;
  file->next = all;
  all = file;
  fi->fh = (uintptr_t) file;
  fi->direct_io = 1;
  return 0;
}

static int release(const char *path, struct fuse_file_info *fi) {
  struct opened *file = (struct opened *) fi->fh, **link = &all;
  while (*link != file) link = &(*link)->next;
  *link = file->next;
  if (file->waiting) fuse_pollhandle_destroy(file->waiting);
  free(file);
  return 0;
}

static int level_of(struct line *line) { return line->out ? line->level : line->pull; }

static int read_(const char *path, char *into, size_t size, off_t from, struct fuse_file_info *fi) {
  char text[600] = "";
  int at;
  enum kind kind = parse(path, &at);
  struct line *line = &lines[at < 0 ? 0 : at];
  switch (kind) {
    case LABEL: strcpy(text, "${fakeSysfs.label}\n"); break;
    case NUMBER: sprintf(text, "%d\n", BASE); break;
    case COUNT: sprintf(text, "%d\n", LINES); break;
    case DIRECTION: strcpy(text, line->out ? "out\n" : "in\n"); break;
    case EDGE: strcpy(text, line->both ? "both\n" : "none\n"); break;
    case ACTIVE_LOW: sprintf(text, "%d\n", line->active_low); break;
    case VALUE:
      if (line->gone) return -ENODEV;
      ((struct opened *) fi->fh)->seen = line->turns;
      sprintf(text, "%d\n", level_of(line) ^ line->active_low);
      break;
    case PULL: sprintf(text, "%d\n", line->pull); break;
    case LEVEL: sprintf(text, "%d\n", level_of(line)); break;
    case DRIVEN: sprintf(text, "%s\n", line->driven); break;
    default: return -EIO;
  }
  size_t length = strlen(text);
  if ((size_t) from >= length) return 0;
  if (size > length - from) size = length - from;
  memcpy(into, text + from, size);
  return size;
}

static void drive(struct line *line, int high) {
  size_t told = strlen(line->driven);
  line->out = 1;
  line->level = high;
  if (told + 1 < sizeof line->driven) line->driven[told] = '0' + high;
}

static void turned(struct line *line) {
  line->turns++;
  for (struct opened *file = all; file; file = file->next) {
    if (file->line != line - lines || !file->waiting) continue;
    fuse_notify_poll(file->waiting);
    fuse_pollhandle_destroy(file->waiting);
    file->waiting = 0;
  }
}

static int export_(int number, int on) {
  if (number < BASE || number >= BASE + LINES) return -EINVAL;
  struct line *line = &lines[number - BASE];
  if (on && line->refuse) return -line->refuse;
  if (line->exported == on) return on ? -EBUSY : -EINVAL;
  line->exported = on;
  line->both = line->active_low = 0;
  return 0;
}

static int set_direction(struct line *line, const char *word) {
  if (!strcmp(word, "in")) line->out = 0;
  else if (line->both) return -EIO;
  else if (!strcmp(word, "high")) drive(line, 1);
  else if (!strcmp(word, "low") || !strcmp(word, "out")) drive(line, 0);
  else return -EINVAL;
  return 0;
}

static int write_(const char *path, const char *from, size_t size, off_t where, struct fuse_file_info *fi) {
  char word[16] = "";
  int at, failed = 0;
  enum kind kind = parse(path, &at);
  struct line *line = &lines[at < 0 ? 0 : at];
  memcpy(word, from, size < sizeof word ? size : sizeof word - 1);
  word[strcspn(word, "\n")] = 0;
  int number = atoi(word), before = level_of(line);
  switch (kind) {
    case EXPORT: failed = export_(number, 1); break;
    case UNEXPORT: failed = export_(number, 0); break;
    case DIRECTION: failed = set_direction(line, word); break;
    case EDGE: line->both = !strcmp(word, "both"); break;
    case ACTIVE_LOW: line->active_low = number != 0; break;
    case VALUE: if (line->out) drive(line, (number != 0) ^ line->active_low); else failed = -EPERM; break;
    case PULL: line->pull = number != 0; break;
    case REFUSE: line->refuse = number; break;
    case DEAF: line->deaf = number; break;
    case GONE: if ((line->gone = number)) turned(line); break;
    default: return -EACCES;
  }
  if (kind == PULL && level_of(line) != before && line->both) turned(line);
  return failed ? failed : (int) size;
}

static int truncate_(const char *path, off_t size, struct fuse_file_info *fi) { return 0; }

static int poll_(const char *path, struct fuse_file_info *fi, struct fuse_pollhandle *waiting, unsigned *events) {
  struct opened *file = (struct opened *) fi->fh;
  if (waiting) {
    if (file->waiting) fuse_pollhandle_destroy(file->waiting);
    file->waiting = waiting;
  }
  *events = POLLIN | POLLOUT;
  if (file->line >= 0 && file->seen != lines[file->line].turns) *events |= POLLPRI | POLLERR;
  return 0;
}

static void *init(struct fuse_conn_info *connection, struct fuse_config *config) {
  config->attr_timeout = config->entry_timeout = config->negative_timeout = 0;
  return 0;
}

static const struct fuse_operations operations = { .init = init, .getattr = getattr, .readdir = readdir_,
  .open = open_, .release = release, .read = read_, .write = write_, .truncate = truncate_, .poll = poll_ };

int main(int count, char **words) { return fuse_main(count, words, &operations, 0); }
`
