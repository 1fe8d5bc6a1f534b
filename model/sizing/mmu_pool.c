/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * A pool of threads; see mmu_pool.h. One lock guards everything: tasks are large.
 */
#include "sizing/mmu_pool.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

#define MOST_HELPERS 255u

struct mmu_pool {
    pthread_mutex_t lock;
    pthread_cond_t more, done;
    unsigned helpers;
    pthread_t thread[MOST_HELPERS];
    bool end;
    void (*task)(void *user, unsigned n);
    void *user;
    unsigned count; /* tasks of this start */
    unsigned next;  /* that nobody has begun */
    unsigned left;  /* not done */
};

/* Does tasks until none is to be begun. The lock is held on entry and on return. */
static void work(mmu_pool_t *pool)
{
    while (pool->next < pool->count) {
        const unsigned n = pool->next++;

        pthread_mutex_unlock(&pool->lock);
        pool->task(pool->user, n);
        pthread_mutex_lock(&pool->lock);
        if (--pool->left == 0)
            pthread_cond_signal(&pool->done);
    }
}

static void *helper(void *user)
{
    mmu_pool_t *pool = user;

    pthread_mutex_lock(&pool->lock);
    while (!pool->end) {
        work(pool);
        if (!pool->end)
            pthread_cond_wait(&pool->more, &pool->lock);
    }
    pthread_mutex_unlock(&pool->lock);
    return NULL;
}

mmu_pool_t *mmu_pool_new(unsigned helpers)
{
    mmu_pool_t *pool = calloc(1, sizeof *pool);

    if (pool == NULL)
        return NULL;
    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->more, NULL);
    pthread_cond_init(&pool->done, NULL);
    while (pool->helpers < helpers && pool->helpers < MOST_HELPERS &&
           pthread_create(&pool->thread[pool->helpers], NULL, helper, pool) == 0)
        pool->helpers++;
    return pool;
}

void mmu_pool_free(mmu_pool_t *pool)
{
    if (pool == NULL)
        return;
    mmu_pool_wait(pool);
    pthread_mutex_lock(&pool->lock);
    pool->end = true;
    pthread_cond_broadcast(&pool->more);
    pthread_mutex_unlock(&pool->lock);
    for (unsigned n = 0; n < pool->helpers; n++)
        pthread_join(pool->thread[n], NULL);
    pthread_cond_destroy(&pool->done);
    pthread_cond_destroy(&pool->more);
    pthread_mutex_destroy(&pool->lock);
    free(pool);
}

void mmu_pool_start(mmu_pool_t *pool, void (*task)(void *user, unsigned n), void *user, unsigned count)
{
    pthread_mutex_lock(&pool->lock);
    pool->task = task;
    pool->user = user;
    pool->next = 0;
    pool->count = pool->left = count;
    if (pool->helpers == 0)
        work(pool);
    else
        pthread_cond_broadcast(&pool->more);
    pthread_mutex_unlock(&pool->lock);
}

void mmu_pool_wait(mmu_pool_t *pool)
{
    pthread_mutex_lock(&pool->lock);
    work(pool);
    while (pool->left != 0)
        pthread_cond_wait(&pool->done, &pool->lock);
    pthread_mutex_unlock(&pool->lock);
}
