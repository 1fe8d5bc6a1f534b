/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * Finds or builds the simulation of a configuration. A build happens in a folder of its own, which gets its final
 * name when it is complete: so two at once do not disturb each other, and none is found half-made.
 */
#include "cli/mmu_cosim_build.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PATH_SIZE 4096
#define LOG_LINES 30
#define LOG_COLUMNS 200

static void path_join(char path[PATH_SIZE], const char *folder, const char *name)
{
    if (snprintf(path, PATH_SIZE, "%s/%s", folder, name) >= PATH_SIZE) {
        fprintf(stderr, "lockwalk cosim: path too long: %s/%s\n", folder, name);
        exit(2);
    }
}

/* ---- the hash: FNV-1a, 64 bits ----------------------------------------------------------------------------- */

typedef struct {
    uint64_t value;
    bool failed;
} hash_t;

static void hash_bytes(hash_t *hash, const void *bytes, size_t n)
{
    const unsigned char *b = bytes;

    for (size_t i = 0; i < n; i++)
        hash->value = (hash->value ^ b[i]) * UINT64_C(0x100000001b3);
}

/* With its closing zero, so that two words are not one. */
static void hash_text(hash_t *hash, const char *text)
{
    hash_bytes(hash, text, strlen(text) + 1);
}

static void hash_file(hash_t *hash, const char *path)
{
    char buffer[65536];
    size_t n;
    uint64_t size = 0;
    FILE *f = fopen(path, "rb");

    if (f == NULL) {
        fprintf(stderr, "lockwalk cosim: cannot read %s: %s\n", path, strerror(errno));
        hash->failed = true;
        return;
    }
    while ((n = fread(buffer, 1, sizeof buffer, f)) != 0) {
        hash_bytes(hash, buffer, n);
        size += n;
    }
    if (ferror(f)) {
        fprintf(stderr, "lockwalk cosim: cannot read %s: %s\n", path, strerror(errno));
        hash->failed = true;
    }
    fclose(f);
    hash_bytes(hash, &size, sizeof size);
}

static bool is_source(const char *name)
{
    static const char *const endings[] = {".sv", ".svh", ".vlt", ".c", ".h", ".cpp", ".def", ".mk"};
    const char *dot = strrchr(name, '.');

    for (unsigned n = 0; dot != NULL && name[0] != '.' && n < sizeof endings / sizeof endings[0]; n++)
        if (strcmp(dot, endings[n]) == 0)
            return true;
    return false;
}

/* All sources below root/folder, in the order of their names. `name` is folder as the hash sees it. */
static void hash_folder(hash_t *hash, const char *folder, const char *name)
{
    struct dirent **entry = NULL;
    int n = scandir(folder, &entry, NULL, alphasort);

    if (n < 0) {
        fprintf(stderr, "lockwalk cosim: cannot read the folder %s: %s\n", folder, strerror(errno));
        hash->failed = true;
        return;
    }
    for (int i = 0; i < n; i++) {
        char path[PATH_SIZE], inner[PATH_SIZE];
        struct stat st;

        path_join(path, folder, entry[i]->d_name);
        path_join(inner, name, entry[i]->d_name);
        if (entry[i]->d_name[0] != '.' && stat(path, &st) == 0) {
            if (S_ISDIR(st.st_mode)) {
                hash_folder(hash, path, inner);
            } else if (is_source(entry[i]->d_name)) {
                hash_text(hash, inner);
                hash_file(hash, path);
            }
        }
        free(entry[i]);
    }
    free(entry);
}

/* What a tool says of its version. */
static void hash_tool(hash_t *hash, const char *command)
{
    char line[512];
    FILE *f = popen(command, "re");

    while (f != NULL && fgets(line, sizeof line, f) != NULL)
        hash_text(hash, line);
    if (f == NULL || pclose(f) != 0) {
        fprintf(stderr, "lockwalk cosim: `%s` does not run: scripts/setup installs what is needed\n",
                command);
        hash->failed = true;
    }
}

static bool hash_all(const mmu_cosim_build_t *what, const char *rtl, uint64_t *value)
{
    static const char *const folders[] = {"tb", "model"};
    hash_t hash = {.value = UINT64_C(0xcbf29ce484222325)};

    hash_text(&hash, what->cfg);
    hash_text(&hash, what->waves ? "waves" : "");
    hash_folder(&hash, rtl, "rtl");
    for (unsigned n = 0; n < 2; n++) {
        char path[PATH_SIZE];
        path_join(path, what->root, folders[n]);
        hash_folder(&hash, path, folders[n]);
    }
    hash_tool(&hash, "verilator --version");
    hash_tool(&hash, "c++ --version");
    *value = hash.value;
    return !hash.failed;
}

/* ---- folders ----------------------------------------------------------------------------------------------- */

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

static void remove_tree(const char *path)
{
    nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static bool make_folders(const char *path)
{
    char part[PATH_SIZE];

    for (size_t n = 1; n <= strlen(path); n++)
        if (path[n] == '/' || path[n] == '\0') {
            snprintf(part, sizeof part, "%.*s", (int)n, path);
            if (mkdir(part, 0777) != 0 && errno != EEXIST) {
                fprintf(stderr, "lockwalk cosim: cannot make the folder %s: %s\n", part, strerror(errno));
                return false;
            }
        }
    return true;
}

/* Removes what builds have left behind that were ended from outside: ".<hash>.<process>". */
static void remove_stale(const char *build_dir)
{
    DIR *dir = opendir(build_dir);
    const struct dirent *entry;

    while (dir != NULL && (entry = readdir(dir)) != NULL) {
        uint64_t hash;
        long pid;
        char path[PATH_SIZE];

        if (sscanf(entry->d_name, ".%16" SCNx64 ".%ld", &hash, &pid) != 2)
            continue;
        if (pid <= 0 || (kill((pid_t)pid, 0) != 0 && errno == ESRCH)) {
            path_join(path, build_dir, entry->d_name);
            remove_tree(path);
        }
    }
    if (dir != NULL)
        closedir(dir);
}

/* ---- the build --------------------------------------------------------------------------------------------- */

/* In the child: output to the log, then make. */
static void run_make(const mmu_cosim_build_t *what, const char *rtl, const char *out, const char *log)
{
    char out_arg[PATH_SIZE + 8], rtl_arg[PATH_SIZE + 8], cfg_arg[MMU_CFG_HEX_SIZE + 8], jobs[32];
    int fd = open(log, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    long cpus = sysconf(_SC_NPROCESSORS_ONLN);

    if (fd < 0 || dup2(fd, STDOUT_FILENO) < 0 || dup2(fd, STDERR_FILENO) < 0 || chdir(what->root) != 0) {
        fprintf(stderr, "lockwalk cosim: %s: %s\n", what->root, strerror(errno));
        _exit(126);
    }
    snprintf(out_arg, sizeof out_arg, "OUT=%s", out);
    snprintf(rtl_arg, sizeof rtl_arg, "RTL=%s", rtl);
    snprintf(cfg_arg, sizeof cfg_arg, "CFG=%s", what->cfg);
    snprintf(jobs, sizeof jobs, "-j%ld", cpus > 0 ? cpus : 1);
    /* A make that called us must not hand us its job server. */
    unsetenv("MAKEFLAGS");
    unsetenv("MFLAGS");
    execlp("make", "make", "-f", "tb/verilator/sim.mk", jobs, out_arg, rtl_arg, cfg_arg,
           what->waves ? "WAVE=1" : "WAVE=", (char *)NULL);
    fprintf(stderr, "lockwalk cosim: make: %s: scripts/setup installs what is needed\n", strerror(errno));
    _exit(127);
}

/* The step that the log tells of last: a line "== ...". */
static void last_step(const char *log, char step[80])
{
    char line[512];
    FILE *f = fopen(log, "r");

    while (f != NULL && fgets(line, sizeof line, f) != NULL)
        if (strncmp(line, "== ", 3) == 0)
            snprintf(step, 80, "%.*s", (int)strcspn(line + 3, "\n"), line + 3);
    if (f != NULL)
        fclose(f);
}

/* Waits, and on a terminal tells where it is. */
static int wait_for(pid_t child, const char *log)
{
    bool terminal = isatty(STDERR_FILENO) != 0;
    time_t start = time(NULL);
    int status = 0;

    while (terminal && waitpid(child, &status, WNOHANG) == 0) {
        char step[80] = "starting";
        last_step(log, step);
        fprintf(stderr, "\r  %3ld s  %-60s", (long)(time(NULL) - start), step);
        nanosleep(&(struct timespec){.tv_nsec = 250000000}, NULL);
    }
    if (terminal)
        fprintf(stderr, "\r%70s\r", "");
    else
        while (waitpid(child, &status, 0) < 0 && errno == EINTR)
            ;
    return status;
}

static void print_log_end(const char *log)
{
    char *last[LOG_LINES] = {NULL}, *line = NULL;
    size_t size = 0;
    unsigned n = 0;
    FILE *f = fopen(log, "r");

    while (f != NULL && getline(&line, &size, f) > 0) {
        free(last[n % LOG_LINES]);
        last[n++ % LOG_LINES] = strdup(line);
    }
    for (unsigned i = n > LOG_LINES ? n - LOG_LINES : 0; i < n; i++) {
        size_t length = strcspn(last[i % LOG_LINES], "\n");
        fprintf(stderr, "  | %.*s\n", length > LOG_COLUMNS ? LOG_COLUMNS : (int)length, last[i % LOG_LINES]);
    }
    for (unsigned i = 0; i < LOG_LINES; i++)
        free(last[i]);
    free(line);
    if (f != NULL)
        fclose(f);
}

/* Objects are not needed any more; the log stays. */
static void remove_objects(const char *folder)
{
    char path[PATH_SIZE];

    path_join(path, folder, "obj");
    remove_tree(path);
    path_join(path, folder, "c");
    remove_tree(path);
}

/* Waits while somebody else builds the same. What is opened here is closed by the end of the program; where no lock
 * is to be had, both build, and the first one's result counts. */
static void wait_for_others(const char *lock)
{
    int fd = open(lock, O_RDWR | O_CREAT | O_CLOEXEC, 0666);

    if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) == 0)
        return;
    fprintf(stderr, "Waiting for another program that builds the same simulation\n");
    while (flock(fd, LOCK_EX) != 0 && errno == EINTR)
        ;
}

static bool build(const mmu_cosim_build_t *what, const char *rtl, const char *final, const char *part)
{
    char log[PATH_SIZE];
    time_t start = time(NULL);
    int status;
    pid_t child;

    if (!make_folders(part))
        return false;
    path_join(log, part, "build.log");
    fprintf(stderr, "Building the simulation of configuration '%s'%s (once; about a minute)\n", what->config,
            what->waves ? " that writes waves" : "");
    fflush(NULL);
    child = fork();
    if (child < 0) {
        fprintf(stderr, "lockwalk cosim: %s\n", strerror(errno));
        return false;
    }
    if (child == 0)
        run_make(what, rtl, part, log);
    status = wait_for(child, log);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        char failed[PATH_SIZE + 8];

        print_log_end(log);
        snprintf(failed, sizeof failed, "%s.failed", final);
        remove_tree(failed);
        if (rename(part, failed) == 0)
            snprintf(log, sizeof log, "%.*s/build.log", PATH_SIZE - 16, failed);
        fprintf(stderr, "lockwalk cosim: the simulation of '%s' could not be built; the whole log is %s\n",
                what->config, log);
        return false;
    }
    remove_objects(part);
    if (rename(part, final) != 0) {
        /* Somebody else was faster. */
        remove_tree(part);
        if (access(final, F_OK) != 0) {
            fprintf(stderr, "lockwalk cosim: cannot name %s: %s\n", final, strerror(errno));
            return false;
        }
    }
    fprintf(stderr, "Built in %ld s: %s\n", (long)(time(NULL) - start), final);
    return true;
}

char *mmu_cosim_build(const mmu_cosim_build_t *what)
{
    char rtl[PATH_SIZE], folder[PATH_SIZE], part[PATH_SIZE], name[64], program[PATH_SIZE];
    uint64_t hash;

    assert(what->root[0] == '/' && what->build_dir[0] == '/');
    path_join(rtl, what->root, "tb/verilator/sim.mk");
    if (access(rtl, R_OK) != 0) {
        fprintf(stderr,
                "lockwalk cosim: %s is not Lockwalk's source tree (no tb/verilator/sim.mk); LOCKWALK_ROOT "
                "names it\n",
                what->root);
        return NULL;
    }
    if (what->rtl != NULL)
        snprintf(rtl, sizeof rtl, "%s", what->rtl);
    else
        path_join(rtl, what->root, "rtl");
    if (!hash_all(what, rtl, &hash))
        return NULL;
    snprintf(name, sizeof name, "%016" PRIx64 "%s", hash, what->waves ? "-fst" : "");
    path_join(folder, what->build_dir, name);
    path_join(program, folder, "lockwalk-sim");
    if (access(program, X_OK) == 0)
        return strdup(program);
    if (!make_folders(what->build_dir))
        return NULL;
    remove_stale(what->build_dir);
    snprintf(name, sizeof name, ".%016" PRIx64 ".lock", hash);
    path_join(part, what->build_dir, name);
    wait_for_others(part);
    if (access(program, X_OK) == 0)
        return strdup(program);
    snprintf(name, sizeof name, ".%016" PRIx64 ".%ld", hash, (long)getpid());
    path_join(part, what->build_dir, name);
    /* Relative where it can be: file names are in the generated C++, and ccache sees them. */
    return build(what, what->rtl != NULL ? rtl : "rtl", folder, part) ? strdup(program) : NULL;
}
