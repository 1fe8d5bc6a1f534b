/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * The program behind tree.trc.zst: a binary search tree of 32,768 nodes that lie in memory in random order, so that
 * each step down is likely on another page. It is searched at random; every 64 searches a row of a table is
 * copied to a column, a stride of one page.
 *
 *     cc -O2 -static -o tree traces/tree.c
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { NODES = 32768, ROUNDS = 1 << 20, SIDE = 64, STRIDE = 4096 };

typedef struct node {
    struct node *child[2];
    uint32_t key, hits;
    uint8_t payload[24];
} node_t;

static node_t pool[NODES];
static uint8_t table[SIDE * STRIDE];
static uint32_t state = 1;

static uint32_t next_random(void)
{
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return state;
}

static void insert(node_t **root, node_t *node)
{
    while (*root != NULL)
        root = &(*root)->child[node->key > (*root)->key];
    *root = node;
}

static node_t *search(node_t *node, uint32_t key)
{
    while (node != NULL && node->key != key)
        node = node->child[key > node->key];
    return node;
}

int main(void)
{
    node_t *root = NULL;
    uint64_t sum = 0;

    for (uint32_t i = 0; i < NODES; i++)
        pool[i].key = i;
    for (uint32_t i = NODES - 1; i > 0; i--) {
        uint32_t k = next_random() % (i + 1), key = pool[i].key;
        pool[i].key = pool[k].key;
        pool[k].key = key;
    }
    for (uint32_t i = 0; i < NODES; i++)
        insert(&root, &pool[i]);
    for (uint32_t round = 0; round < ROUNDS; round++) {
        node_t *found = search(root, next_random() % NODES);
        found->hits++;
        sum += found->payload[found->hits % sizeof found->payload];
        if (round % SIDE == 0)
            for (uint32_t i = 0; i < SIDE; i++)
                table[i * STRIDE + round / SIDE % STRIDE] = table[i];
    }
    printf("%llu\n", (unsigned long long)sum);
    return 0;
}
