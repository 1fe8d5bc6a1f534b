/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * Reads a recorded list of operations. The whole file is read and checked first, so that a mistake in its
 * last line is told before the first clock.
 *
 *     lockwalk-stimulus 1
 *     # comment
 *     0 ctx mode=sv39 asid=0x1 root=0x80002 sum=0 mxr=0
 *     ...
 */
#include "env/random.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct mmu_replay {
    mmu_op_t *op;
    size_t count, room, at;
};

#define HEADER "lockwalk-stimulus 1"

static bool add(mmu_replay_t *replay, const mmu_op_t *op)
{
    if (replay->count == replay->room) {
        size_t room = replay->room == 0 ? 4096 : 2 * replay->room;
        mmu_op_t *more = realloc(replay->op, room * sizeof *more);
        if (more == NULL)
            return false;
        replay->op = more;
        replay->room = room;
    }
    replay->op[replay->count++] = *op;
    return true;
}

/* What the line cannot tell alone. */
static bool fits(const mmu_replay_t *replay, const mmu_op_t *op, const mmu_mem_t *mem, char *err, size_t n)
{
    const mmu_op_t *last = replay->count > 0 ? &replay->op[replay->count - 1] : NULL;
    unsigned bytes = op->u.word.wide ? 8 : 4;

    if (last != NULL && last->kind == MMU_OP_END) {
        snprintf(err, n, "an operation after 'end'");
        return false;
    }
    if (last != NULL && op->clock < last->clock) {
        snprintf(err, n, "clock %" PRIu64 " after clock %" PRIu64 "; clocks must not go back", op->clock,
                 last->clock);
        return false;
    }
    if (op->clock == 0 && op->kind != MMU_OP_WORD && op->kind != MMU_OP_CTX && op->kind != MMU_OP_SLOW &&
        op->kind != MMU_OP_ANSWER) {
        snprintf(err, n, "clock 0 allows word, ctx, slow and answer only");
        return false;
    }
    if (op->kind == MMU_OP_REQ && (op->u.req.va & 0xfff) + (UINT64_C(1) << op->u.req.size) > 0x1000) {
        snprintf(err, n, "req: %u bytes at 0x%" PRIx64 " cross a page (REQ-7)", 1u << op->u.req.size,
                 op->u.req.va);
        return false;
    }
    if (op->kind != MMU_OP_WORD)
        return true;
    if (op->u.word.addr % bytes != 0) {
        snprintf(err, n, "word: addr is 0x%" PRIx64 "; allowed: multiples of its %u bytes", op->u.word.addr,
                 bytes);
        return false;
    }
    if (!mmu_mem_is_ram(mem, op->u.word.addr, bytes)) {
        snprintf(err, n, "word: addr is 0x%" PRIx64 "; allowed: RAM, 0x%" PRIx64 " to 0x%" PRIx64 " (--ram)",
                 op->u.word.addr, mmu_mem_base(mem), mmu_mem_base(mem) + mmu_mem_size(mem) - 1);
        return false;
    }
    return true;
}

static bool read_lines(mmu_replay_t *replay, FILE *file, const char *path, const mmu_mem_t *mem, char *err,
                       size_t n)
{
    char *line = NULL, why[256];
    size_t size = 0;
    uint64_t number = 0;
    bool header = false, good = true;
    ssize_t length;

    while (good && (length = getline(&line, &size, file)) >= 0) {
        size_t start = strspn(line, " \t\r\n");
        mmu_op_t op;

        number++;
        if (line[start] == '\0' || line[start] == '#')
            continue;
        if (!header) {
            line[strcspn(line, "\r\n")] = '\0';
            header = strcmp(line, HEADER) == 0;
            good = header;
            snprintf(why, sizeof why, "'%.40s' is not the first line of a stimulus; expected '%s'", line,
                     HEADER);
        } else {
            good = mmu_op_parse(line, &op, why, sizeof why) && fits(replay, &op, mem, why, sizeof why);
            if (good && !add(replay, &op)) {
                good = false;
                snprintf(why, sizeof why, "no memory for so many operations");
            }
        }
        if (!good)
            snprintf(err, n, "%s:%" PRIu64 ": error: %s", path, number, why);
    }
    if (good && ferror(file)) {
        snprintf(err, n, "cannot read '%s': %s", path, strerror(errno));
        good = false;
    } else if (good && replay->count == 0) {
        snprintf(err, n, "%s:%" PRIu64 ": error: the file has no operation; expected '%s' and operations",
                 path, number, HEADER);
        good = false;
    }
    free(line);
    return good;
}

mmu_replay_t *mmu_replay_open(const char *path, const mmu_mem_t *mem, char *err, size_t n)
{
    mmu_replay_t *replay;
    FILE *file = fopen(path, "r");

    if (file == NULL) {
        snprintf(err, n, "cannot open '%s': %s", path, strerror(errno));
        return NULL;
    }
    replay = calloc(1, sizeof *replay);
    if (replay == NULL) {
        snprintf(err, n, "no memory");
    } else if (!read_lines(replay, file, path, mem, err, n)) {
        mmu_replay_close(replay);
        replay = NULL;
    }
    fclose(file);
    return replay;
}

void mmu_replay_close(mmu_replay_t *replay)
{
    if (replay == NULL)
        return;
    free(replay->op);
    free(replay);
}

const mmu_op_t *mmu_replay_peek(const mmu_replay_t *replay)
{
    return replay->at < replay->count ? &replay->op[replay->at] : NULL;
}

void mmu_replay_advance(mmu_replay_t *replay)
{
    replay->at++;
}

size_t mmu_replay_count(const mmu_replay_t *replay)
{
    return replay->count;
}
