/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * .lwt: a loaded block to accesses.
 */
#include "trace/mmu_lwt_block.h"

#include <string.h>

/* An address that no prediction gave: from the slot's last or the neighbour's, by a difference. Off the fast way:
 * what is wrong is noted, and looked for once a run. */
static __attribute__((noinline)) uint64_t far_address(mmu_lwt_block_t *b, unsigned code, uint64_t last,
                                                      uint64_t near)
{
    const unsigned wider = (code - MMU_LWT_LAST_DIFF) >> 1, shift = 64 - (8u << (wider & 3));
    mmu_lwt_bytes_t *c = &b->column[MMU_LWT_DIFF1 + (wider & 3)];
    const uint64_t value = mmu_lwt_get64(c->p); /* there is MMU_LWT_SLACK */

    c->p += UINT64_C(1) << (wider & 3);
    if (wider > 3 || c->p > c->end) {
        b->wrong = true;
        c->p = c->end;
    }
    return ((code & 1) != 0 ? near : last) + (uint64_t)((int64_t)(value << shift) >> shift);
}

static size_t give_rest(mmu_lwt_block_t *b, mmu_access_t *to, size_t room)
{
    const size_t left = b->rest_n - b->rest_at, n = left < room ? left : room;

    memcpy(to, b->rest + b->rest_at, n * sizeof to[0]);
    b->rest_at += (unsigned)n;
    return n;
}

/* All differences must have been used. */
static bool used_up(const mmu_lwt_block_t *b)
{
    for (unsigned c = MMU_LWT_DIFF1; c < MMU_LWT_COLUMNS; c++)
        if (b->column[c].p != b->column[c].end)
            return false;
    return true;
}

/* What the loops below keep in registers. */
typedef struct {
    const uint8_t *list, *code;
    uint64_t address;
} cursor_t;

/* The next run, to where there is room for it and MMU_LWT_AHEAD more: its length. */
static inline __attribute__((always_inline)) uint32_t unpack_run(mmu_lwt_block_t *b, cursor_t *c,
                                                                 mmu_access_t *out)
{
    const mmu_lwt_run_t *const r = &b->run[c->list[0] | (uint32_t)c->list[1] << 8];
    const mmu_access_t *from = r->access;
    const mmu_lwt_datum_t *d = r->data, *const last = d + r->datas;
    mmu_access_t *o = out, *const stop = out + r->n;
    char *const slots = (char *)b->slot;
    uint64_t address = c->address;

    c->list += 2;
    do {
        memcpy(o, from, MMU_LWT_AHEAD * sizeof *o);
        o += MMU_LWT_AHEAD;
        from += MMU_LWT_AHEAD;
    } while (o < stop);
    for (; d != last; d++) {
        mmu_lwt_slot_t *const s = (mmu_lwt_slot_t *)(slots + d->slot);
        const unsigned code = *c->code++;
        const uint64_t odd = code & 1;
        /* no branch: half of them would be guessed wrong */
        uint64_t va = s->predicted[odd] + (address & (0 - odd));

        if (!MMU_LIKELY(code <= MMU_LWT_NEAR))
            va = far_address(b, code, s->last, va);
        s->predicted[0] = va + (va - s->last);
        s->predicted[1] = va - address;
        s->last = va;
        address = va;
        out[d->at].va = va;
        if (!MMU_LIKELY(va < UINT64_MAX - 4096))
            b->wrong |= va + out[d->at].size - 1 < va;
    }
    c->address = address;
    return r->n;
}

size_t mmu_lwt_block_read(mmu_lwt_block_t *b, mmu_access_t *to, size_t room, const char **problem)
{
    mmu_lwt_bytes_t *list = &b->column[MMU_LWT_LIST], *codes = &b->column[MMU_LWT_CODES];
    const uint8_t *const end = list->end;
    cursor_t c = {list->p, codes->p, b->address};
    size_t given = give_rest(b, to, room);

    /* Any run fits. */
    if (room >= MMU_LWT_RUN_LENGTH + MMU_LWT_AHEAD) {
        mmu_access_t *out = to + given, *const stop = to + room - MMU_LWT_RUN_LENGTH - MMU_LWT_AHEAD;

        while (out <= stop && c.list < end && MMU_LIKELY(!b->wrong)) {
            out += unpack_run(b, &c, out);
            given = b->wrong ? given : (size_t)(out - to);
        }
    }
    while (given < room && c.list < end && !b->wrong) {
        b->rest_n = unpack_run(b, &c, b->rest);
        b->rest_at = 0;
        if (!b->wrong)
            given += give_rest(b, to + given, room - given);
    }
    if (b->wrong) {
        *problem = "a data address";
        mmu_lwt_block_empty(b);
        return given;
    }
    list->p = c.list;
    codes->p = c.code;
    b->address = c.address;
    if (c.list == end && !used_up(b))
        *problem = "differences are left over";
    return given;
}
