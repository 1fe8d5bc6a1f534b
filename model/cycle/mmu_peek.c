/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * Looking inside an MMU: rows, write ports (ARR-9) and walks, for white-box checks and reports; names.
 */
#include <assert.h>

#include "cycle/mmu_state.h"

/* An array of any kind, found by its number. */
typedef struct {
    const mmu_array_t *flops;    /* L1 arrays, walk caches, the G stage's TLB */
    const mmu_row_array_t *rows; /* L2 arrays */
    bool moves;                  /* it was called in this clock: d is of this clock */
} found_t;

/* One of the walker's arrays; without ways there is none. */
static found_t of_walker(const mmu_t *m, const mmu_array_t *array, bool moves)
{
    return (found_t){.flops = array->cfg.ways != 0 ? array : NULL,
                     .moves = m->d.back && m->walker.d.any && moves};
}

static found_t of_cache(const mmu_t *m, const mmu_walk_cache_t *cache, unsigned k)
{
    return of_walker(m, &cache->array[k], ((cache->d.arrays >> k) & 1u) != 0);
}

static found_t find(const mmu_t *m, unsigned array_id)
{
    const unsigned level = array_id / MMU_ARRAYS, k = array_id % MMU_ARRAYS;
    found_t found = {0};

    assert(array_id < MMU_ARRAY_IDS);
    if (array_id == MMU_ARRAY_GTLB)
        return of_walker(m, &m->walker.gtlb.array, m->walker.gtlb.d.any);
    if (array_id >= MMU_ARRAY_GPWC)
        return of_cache(m, &m->walker.gcache, array_id - MMU_ARRAY_GPWC);
    if (array_id >= MMU_ARRAY_PWC)
        return of_cache(m, &m->walker.cache, array_id - MMU_ARRAY_PWC);
    if (level == MMU_LEVEL_L2) {
        found.rows = m->l2.array[k].cfg.ways != 0 ? &m->l2.array[k] : NULL;
        found.moves = m->d.back && m->l2.d.any && ((m->l2.d.arrays >> k) & 1u) != 0;
    } else {
        found.flops = m->l1[level].array[k].cfg.ways != 0 ? &m->l1[level].array[k] : NULL;
        found.moves = m->l1[level].d.any && ((m->l1[level].d.arrays >> k) & 1u) != 0;
    }
    return found;
}

mmu_row_t mmu_peek_row(const mmu_t *m, unsigned array_id, unsigned set, unsigned way)
{
    const found_t found = find(m, array_id);
    mmu_row_t row = {0};

    if (found.flops != NULL && set < found.flops->cfg.sets && way < found.flops->cfg.ways) {
        const size_t at = (size_t)set * found.flops->cfg.ways + way;
        row.valid = ((found.flops->q.valid[set] >> way) & 1u) != 0;
        row.key = found.flops->q.key[at];
        row.mask = found.flops->q.mask[at];
        row.data = found.flops->q.data[at];
        row.vm = found.flops->cfg.vm ? found.flops->q.vm[at] : 0;
    } else if (found.rows != NULL && set < found.rows->cfg.sets && way < found.rows->cfg.ways) {
        const size_t at = (size_t)set * found.rows->cfg.ways + way;
        row.valid = ((found.rows->q.valid[set] >> way) & 1u) != 0;
        row.key = found.rows->q.mem_key[at];
        row.mask = found.rows->q.mem_mask[at];
        row.data = found.rows->q.mem_data[at];
        row.vm = found.rows->cfg.vm ? found.rows->q.mem_vm[at] : 0;
    }
    /* What an invalid row holds is of no meaning; it reads as 0. */
    return row.valid ? row : (mmu_row_t){0};
}

mmu_write_t mmu_peek_write(const mmu_t *m, unsigned array_id)
{
    const found_t found = find(m, array_id);
    mmu_write_t write = {0};
    mmu_line_t row = {0};

    if (!found.moves)
        return write;
    if (found.flops != NULL && found.flops->d.fill) {
        write.enable = true;
        write.set = found.flops->d.fill_set;
        write.way = found.flops->d.fill_way;
        row = found.flops->d.row;
        write.vm = found.flops->cfg.vm ? row.vm : 0;
    } else if (found.rows != NULL && found.rows->d.fill) {
        write.enable = true;
        write.set = found.rows->q.rd_set;
        write.way = found.rows->d.fill_way;
        row = found.rows->d.row;
        write.vm = found.rows->cfg.vm ? row.vm : 0;
    }
    write.key = row.key;
    write.mask = row.mask;
    write.data = row.data;
    return write;
}

mmu_walk_view_t mmu_peek_walk(const mmu_t *m, unsigned slot)
{
    const mmu_walker_t *w = &m->walker;
    assert(slot < MMU_MAX_WALKS);
    return (mmu_walk_view_t){.state = w->q.st[slot],
                             .redo = w->q.redo[slot],
                             .nofill = w->q.nofill[slot],
                             .port = w->q.port[slot],
                             .rq = w->q.rq[slot],
                             .pos = w->q.pos[slot],
                             .fault = w->q.fault[slot],
                             .entry = w->q.entry[slot],
                             .gst = w->q.gst[slot],
                             .what = w->q.what[slot],
                             .gpos = w->q.gpos[slot]};
}

const char *mmu_event_name(unsigned n)
{
    static const char *const name[MMU_EVENT_W] = {[MMU_EV_ACCEPT_I] = "accept_i",
                                                  [MMU_EV_ACCEPT_D] = "accept_d",
                                                  [MMU_EV_L1_HIT_I] = "l1_hit_i",
                                                  [MMU_EV_L1_HIT_D] = "l1_hit_d",
                                                  [MMU_EV_L1_MISS_I] = "l1_miss_i",
                                                  [MMU_EV_L1_MISS_D] = "l1_miss_d",
                                                  [MMU_EV_L1_REFUSE_I] = "l1_refuse_i",
                                                  [MMU_EV_L1_REFUSE_D] = "l1_refuse_d",
                                                  [MMU_EV_L2_HIT] = "l2_hit",
                                                  [MMU_EV_L2_MISS] = "l2_miss",
                                                  [MMU_EV_L2_REFUSE] = "l2_refuse",
                                                  [MMU_EV_WALK_START] = "walk_start",
                                                  [MMU_EV_WALK_MERGE] = "walk_merge",
                                                  [MMU_EV_WALK_LEAF] = "walk_leaf",
                                                  [MMU_EV_WALK_FAULT] = "walk_fault",
                                                  [MMU_EV_WALK_RESTART] = "walk_restart",
                                                  [MMU_EV_PWC_HIT_1] = "pwc_hit_1",
                                                  [MMU_EV_PWC_HIT_2] = "pwc_hit_2",
                                                  [MMU_EV_PWC_HIT_3] = "pwc_hit_3",
                                                  [MMU_EV_PWC_HIT_4] = "pwc_hit_4",
                                                  [MMU_EV_MEM_READ] = "mem_read",
                                                  [MMU_EV_MEM_CAS] = "mem_cas",
                                                  [MMU_EV_CAS_FAIL] = "cas_fail",
                                                  [MMU_EV_FENCE] = "fence",
                                                  [MMU_EV_FENCE_DONE] = "fence_done",
                                                  [MMU_EV_FAULT_I] = "fault_i",
                                                  [MMU_EV_FAULT_D] = "fault_d",
                                                  [MMU_EV_STALL_I] = "stall_i",
                                                  [MMU_EV_STALL_D] = "stall_d",
                                                  [MMU_EV_G_HIT] = "g_hit",
                                                  [MMU_EV_G_MISS] = "g_miss",
                                                  [MMU_EV_G_REFUSE] = "g_refuse",
                                                  [MMU_EV_GPWC_HIT_1] = "gpwc_hit_1",
                                                  [MMU_EV_GPWC_HIT_2] = "gpwc_hit_2",
                                                  [MMU_EV_GPWC_HIT_3] = "gpwc_hit_3",
                                                  [MMU_EV_GPWC_HIT_4] = "gpwc_hit_4",
                                                  [MMU_EV_CHAIN] = "chain"};
    return n < MMU_EVENT_W ? name[n] : NULL;
}
