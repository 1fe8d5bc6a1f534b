/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * One access of a vector file on the architectural model.
 */
#include "cli/check.h"

#include <inttypes.h>

bool mmu_check_handles(const mmu_tv_world_t *world, char what[128], char select[64])
{
    char buf[24];

    if (world->key[MMU_TV_ISA] > MMU_TV_RV64) {
        snprintf(what, 128, "isa=%s", mmu_tv_value(MMU_TV_ISA, world->key[MMU_TV_ISA], buf));
        snprintf(select, 64, "isa=rv32|rv64");
        return false;
    }
    if (world->key[MMU_TV_VIRT] != 0) {
        snprintf(what, 128, "virt=1");
        snprintf(select, 64, "virt=0");
        return false;
    }
    for (unsigned i = 0; i < world->accesses; i++)
        if (world->access[i].type == MMU_TV_LOAD_X) {
            snprintf(what, 128, "an access RX (HLVX) in line %u", world->access[i].line);
            snprintf(select, 64, "id!=0x%" PRIx64, world->id);
            return false;
        }
    return true;
}

const mmu_pmp_file_t *mmu_check_pmp(const mmu_tv_world_t *world, mmu_pmp_file_t *file)
{
    unsigned entries = 16; /* what is implemented: 16 or 64 (Priv 3.7.1); those not named are off */

    if (world->key[MMU_TV_PMP] == 0)
        return NULL;
    for (unsigned i = 0; i < world->pmps; i++)
        if (world->pmp[i].index >= 16)
            entries = 64;
    mmu_pmp_reset(file, entries);
    for (unsigned i = 0; i < world->pmps; i++)
        mmu_pmp_write(file, world->pmp[i].index, world->pmp[i].cfg, world->pmp[i].addr, 0);
    return file;
}

static mmu_rq_t request(const mmu_tv_world_t *world, const mmu_tv_access_t *access)
{
    static const uint8_t mode[] = {
        [MMU_TV_BARE] = MMU_MODE_BARE, [MMU_TV_SV32] = MMU_MODE_SV32, [MMU_TV_SV39] = MMU_MODE_SV39,
        [MMU_TV_SV48] = MMU_MODE_SV48, [MMU_TV_SV57] = MMU_MODE_SV57,
    };
    static const uint8_t acc[] = {
        [MMU_TV_FETCH] = MMU_ACC_FETCH, [MMU_TV_LOAD] = MMU_ACC_LOAD, [MMU_TV_STORE] = MMU_ACC_STORE};
    mmu_rq_t rq = {
        .va = access->va,
        .ctx = {.root = world->key[MMU_TV_ROOT],
                .mode = mode[world->key[MMU_TV_MODE]],
                .sum = world->key[MMU_TV_SUM] != 0,
                .mxr = world->key[MMU_TV_MXR] != 0},
        .acc = acc[access->type],
        .prv = access->priv,
    };

    for (uint64_t len = access->len; len > 1; len /= 2)
        rq.size++;
    return rq;
}

/* The set of changed words must be that of the `u` records, no word more. */
static bool words_equal(const mmu_check_t *check)
{
    const mmu_tv_word_t *update = check->world->update + check->access->first_update;

    if (check->changes != check->access->updates)
        return false;
    for (unsigned i = 0; i < check->changes; i++) {
        bool found = false;

        for (unsigned k = 0; k < check->access->updates; k++)
            found |= update[k].addr == check->change[i].addr && update[k].value == check->change[i].after;
        if (!found)
            return false;
    }
    return true;
}

static unsigned compare(const mmu_check_t *check)
{
    const mmu_tv_access_t *a = check->access;
    const mmu_arch_result_t *r = &check->result;
    unsigned differs = words_equal(check) ? 0 : MMU_DIFF_WORDS;

    if ((r->fault != MMU_FAULT_NONE) != a->fault)
        return differs | MMU_DIFF_OUTCOME;
    if (a->fault) {
        if (r->cause != a->cause)
            differs |= MMU_DIFF_CAUSE;
        if ((a->given & MMU_TV_HAS_TVAL) != 0 && r->tval != a->tval)
            differs |= MMU_DIFF_TVAL;
        return differs;
    }
    if (r->pa != a->pa)
        differs |= MMU_DIFF_PA;
    if ((a->given & MMU_TV_HAS_SIZE) != 0 && UINT64_C(1) << r->lg != a->size)
        differs |= MMU_DIFF_SIZE;
    if ((a->given & MMU_TV_HAS_PBMT) != 0 && r->mt != a->pbmt)
        differs |= MMU_DIFF_PBMT;
    return differs;
}

void mmu_check_access(const mmu_tv_world_t *world, const mmu_pmp_file_t *pmp, const mmu_tv_access_t *access,
                      mmu_tv_image_t *image, mmu_check_t *check)
{
    const mmu_arch_mem_t mem = mmu_tv_image_mem(image);
    const mmu_rq_t rq = request(world, access);
    const mmu_slow_t slow = {.adue = world->key[MMU_TV_ADUE] != 0,
                             .pbmte = world->key[MMU_TV_PBMTE] != 0,
                             .svnapot = world->key[MMU_TV_NAPOT] != 0};

    check->world = world;
    check->access = access;
    check->pmp = pmp;
    mmu_arch_translate_pmp(&mem, pmp, &rq, &slow, &check->result, &check->trail);
    check->changes = mmu_tv_image_changes(image, &check->change);
    check->differs = compare(check);
}

static const struct {
    uint8_t cause;
    const char *name;
} outcomes[MMU_CHECK_OUTCOMES] = {
    {0, "translated"},        {1, "fetch_access_fault"}, {5, "load_access_fault"}, {7, "store_access_fault"},
    {12, "fetch_page_fault"}, {13, "load_page_fault"},   {15, "store_page_fault"},
};

unsigned mmu_check_outcome(const mmu_arch_result_t *result)
{
    unsigned i = 0;

    while (i + 1 < MMU_CHECK_OUTCOMES && outcomes[i].cause != result->cause)
        i++;
    return i;
}

const char *mmu_check_outcome_name(unsigned outcome)
{
    return outcomes[outcome].name;
}
