/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * The steps of an access without clocks: for the architectural model, to which a flush and a latency mean nothing.
 */
#include "lockwalk/mmu_vectors.h"

static void of_model(void *user, const mmu_arch_mem_t *mem, const mmu_pmp_file_t *pmp, const mmu_rq_t *rq,
                     const mmu_slow_t *slow, mmu_arch_result_t *result)
{
    (void)user;
    mmu_arch_translate_pmp(mem, pmp, rq, slow, result, NULL);
}

bool mmu_vectors_play(const mmu_tv_world_t *world, mmu_tv_image_t *image, mmu_vectors_translate_t *translate,
                      void *user, mmu_vectors_book_t *book)
{
    const mmu_slow_t slow = mmu_vectors_slow(world);
    mmu_pmp_file_t file;
    const mmu_pmp_file_t *pmp = mmu_vectors_pmp(world, &file);
    mmu_vectors_memory_t memory;
    mmu_arch_mem_t mem;

    if (!mmu_tv_image_load(image, world) || !mmu_vectors_book_world(book, world))
        return false;
    mmu_vectors_memory_init(&memory, mmu_tv_image_mem(image));
    mem = mmu_vectors_memory_mem(&memory);
    for (unsigned i = 0; i < world->accesses; i++) {
        const mmu_tv_access_t *access = &world->access[i];

        for (unsigned step = 0; step < MMU_VECTORS_STEPS; step++) {
            const mmu_rq_t rq = mmu_vectors_request(world, access, step);
            mmu_arch_result_t result;
            mmu_vectors_answer_t expected, got;

            if (step == MMU_VECTORS_RANDOM)
                mmu_vectors_memory_forget(&memory);
            mmu_vectors_memory_begin(&memory);
            mmu_vectors_expect(world, pmp, access, step, &mem, mmu_vectors_memory_untouched(&memory),
                               &expected);
            (translate != NULL ? translate : of_model)(user, &mem, pmp, &rq, &slow, &result);
            mmu_vectors_answer_of_result(&result, &got);
            mmu_vectors_answer_changes(&got, &memory);
            mmu_vectors_book_step(book, world, access, step, 1, &expected, &got);
        }
        mmu_vectors_memory_forget(&memory);
        mmu_tv_image_settle(image, world, access);
    }
    return true;
}

bool mmu_vectors_trail(const mmu_tv_world_t *world, mmu_tv_image_t *image, unsigned access, unsigned step,
                       mmu_arch_result_t *result, mmu_arch_trail_t *trail)
{
    const mmu_slow_t slow = mmu_vectors_slow(world);
    mmu_pmp_file_t file;
    const mmu_pmp_file_t *pmp = mmu_vectors_pmp(world, &file);
    mmu_vectors_memory_t memory;
    mmu_arch_mem_t mem;

    if (!mmu_tv_image_load(image, world))
        return false;
    for (unsigned i = 0; i < access; i++)
        mmu_tv_image_settle(image, world, &world->access[i]);
    mmu_vectors_memory_init(&memory, mmu_tv_image_mem(image));
    mem = mmu_vectors_memory_mem(&memory);
    for (unsigned s = step == MMU_VECTORS_RANDOM ? step : 0; s <= step; s++) {
        const mmu_rq_t rq = mmu_vectors_request(world, &world->access[access], s);

        mmu_arch_translate_pmp(&mem, pmp, &rq, &slow, result, trail);
    }
    return true;
}
