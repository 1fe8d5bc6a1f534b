/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * The keys of a configuration file. docs/configuration.md tells them to users.
 */
#include "config/mmu_cfg_read.h"

#include <stdio.h>
#include <string.h>

typedef struct {
    const mmu_yaml_t *y;
    mmu_cfg_t *cfg;
    mmu_cfg_marks_t *marks;
} reader_t;

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

static void mark(const reader_t *r, unsigned field, unsigned index, const yaml_node_t *node)
{
    r->marks->mark[field][index] = node->start_mark;
}

/* A number whose range stands in the list of fields. */
static unsigned read_number(const reader_t *r, const yaml_node_t *node, const char *path, unsigned field,
                            unsigned index, unsigned min)
{
    const unsigned max = mmu_cfg_field(field)->max;
    unsigned number = min;
    char allowed[64];

    if (node == NULL)
        return number;
    mark(r, field, index, node);
    snprintf(allowed, sizeof allowed, "a whole number, %u to %u", min, max);
    mmu_yaml_number(r->y, node, path, min, max, allowed, &number);
    return number;
}

/* A power of two, as its logarithm. */
static unsigned read_sets(const reader_t *r, const yaml_node_t *node, const char *path, unsigned index)
{
    const unsigned max_log2 = mmu_cfg_field(MMU_CFG_F_array_sets_log2)->max;
    unsigned sets = 1, log2 = 0;
    char allowed[64];

    if (node == NULL)
        return 0;
    mark(r, MMU_CFG_F_array_sets_log2, index, node);
    snprintf(allowed, sizeof allowed, "a power of two, 1 to %u", 1u << max_log2);
    if (!mmu_yaml_number(r->y, node, path, 1, 1u << max_log2, allowed, &sets))
        return 0;
    while (1u << log2 < sets)
        log2++;
    if (1u << log2 != sets) {
        mmu_yaml_refuse(r->y, node, path, allowed);
        return 0;
    }
    return log2;
}

static unsigned read_policy(const reader_t *r, const yaml_node_t *node, const char *path, unsigned field,
                            unsigned index)
{
    const char *names[8];
    unsigned count = 0, policy;

    if (node == NULL)
        return 0;
    while (mmu_cfg_policy_name(count) != NULL && count < COUNT(names)) {
        names[count] = mmu_cfg_policy_name(count);
        count++;
    }
    mark(r, field, index, node);
    policy = mmu_yaml_word(r->y, node, path, names, count);
    return policy < count ? policy : 0;
}

/* A list of words as a bit set; `name` gives the word of each bit. */
static unsigned read_set(const reader_t *r, const yaml_node_t *node, const char *path, const char *allowed,
                         const char *(*name)(unsigned))
{
    const char *names[16];
    char item_path[96];
    unsigned count = 0, bits = 0, items;

    if (node == NULL)
        return 0;
    while (count < COUNT(names) && name(count) != NULL) {
        names[count] = name(count);
        count++;
    }
    items = mmu_yaml_list(r->y, node, path, 1, 2 * COUNT(names), allowed);
    for (unsigned n = 0; n < items; n++) {
        const yaml_node_t *item = mmu_yaml_item(r->y, node, n);
        unsigned bit;

        snprintf(item_path, sizeof item_path, "%s[%u]", path, n);
        bit = mmu_yaml_word(r->y, item, item_path, names, count);
        if (bit == count)
            continue;
        if (((bits >> bit) & 1u) != 0)
            mmu_yaml_error(r->y, item->start_mark, "%s is %s again; allowed: each once", item_path,
                           names[bit]);
        bits |= 1u << bit;
    }
    return bits;
}

static void read_array(const reader_t *r, const yaml_node_t *node, const char *path, unsigned level,
                       unsigned k)
{
    enum { SETS, WAYS, PAGES, POLICY, KEYS };
    static const mmu_yaml_key_t keys[KEYS] = {
        {"sets", true, "a power of two, 1 to 4096"},
        {"ways", true, "1 to 64"},
        {"pages", true, "a list of page sizes, e.g. [4K]"},
        {"policy", true, "plru, fifo, lru, nru, random"},
    };
    mmu_cfg_array_t *a = &r->cfg->array[level][k];
    const unsigned index = level * MMU_ARRAYS + k;
    const yaml_node_t *value[KEYS];
    char sub[KEYS][96];

    if (!mmu_yaml_map(r->y, node, path, "{sets, ways, pages, policy}", keys, KEYS, value))
        return;
    for (unsigned i = 0; i < KEYS; i++)
        snprintf(sub[i], sizeof sub[i], "%s.%s", path, keys[i].name);
    a->sets_log2 = (uint8_t)read_sets(r, value[SETS], sub[SETS], index);
    a->ways = (uint8_t)read_number(r, value[WAYS], sub[WAYS], MMU_CFG_F_array_ways, index, 1);
    if (value[PAGES] != NULL)
        mark(r, MMU_CFG_F_array_pages, index, value[PAGES]);
    a->pages = (uint16_t)read_set(r, value[PAGES], sub[PAGES], "a list of page sizes, e.g. [4K, 2M]",
                                  mmu_cfg_page_name);
    a->policy = (uint8_t)read_policy(r, value[POLICY], sub[POLICY], MMU_CFG_F_array_policy, index);
}

static void read_arrays(const reader_t *r, const yaml_node_t *node, const char *where, unsigned level)
{
    char path[64], item_path[80];
    unsigned items;

    if (node == NULL)
        return;
    snprintf(path, sizeof path, "%s.arrays", where);
    mark(r, MMU_CFG_F_array_ways, level * MMU_ARRAYS, node);
    if (level != MMU_LEVEL_L2 && mmu_yaml_is(node, "none"))
        return; /* no TLB at this port */
    items =
        mmu_yaml_list(r->y, node, path, 1, MMU_ARRAYS,
                      level != MMU_LEVEL_L2 ? "none, or a list of 1 to 3 arrays" : "a list of 1 to 3 arrays");
    for (unsigned k = 0; k < items; k++) {
        snprintf(item_path, sizeof item_path, "%s[%u]", path, k);
        read_array(r, mmu_yaml_item(r->y, node, k), item_path, level, k);
    }
}

static void read_port(const reader_t *r, const yaml_node_t *node, const char *path, unsigned port)
{
    enum { MISSES, ARRAYS, KEYS };
    static const mmu_yaml_key_t keys[KEYS] = {
        {"misses", true, "1 to 8"},
        {"arrays", true, "none, or a list of 1 to 3 arrays"},
    };
    const yaml_node_t *value[KEYS];
    char sub[64];

    if (node == NULL || !mmu_yaml_map(r->y, node, path, "{misses, arrays}", keys, KEYS, value))
        return;
    snprintf(sub, sizeof sub, "%s.misses", path);
    r->cfg->misses[port] = (uint8_t)read_number(r, value[MISSES], sub, MMU_CFG_F_misses, port, 1);
    read_arrays(r, value[ARRAYS], path, port == MMU_PORT_I ? MMU_LEVEL_L1I : MMU_LEVEL_L1D);
}

static void read_ports(const reader_t *r, const yaml_node_t *node)
{
    enum { INSTRUCTION, DATA, KEYS };
    static const mmu_yaml_key_t keys[KEYS] = {
        {"instruction", true, "{misses, arrays}"},
        {"data", true, "{misses, arrays}"},
    };
    const yaml_node_t *value[KEYS];

    if (node == NULL || !mmu_yaml_map(r->y, node, "ports", "{instruction, data}", keys, KEYS, value))
        return;
    read_port(r, value[INSTRUCTION], "ports.instruction", MMU_PORT_I);
    read_port(r, value[DATA], "ports.data", MMU_PORT_D);
}

static void read_l2(const reader_t *r, const yaml_node_t *node)
{
    enum { LATENCY, ARRAYS, KEYS };
    static const mmu_yaml_key_t keys[KEYS] = {
        {"latency", true, "1 to 15"},
        {"arrays", true, "a list of 1 to 3 arrays"},
    };
    const yaml_node_t *value[KEYS];

    r->cfg->l2_latency = 1; /* where there is none, too: one shape, one vector */
    if (node == NULL || mmu_yaml_is(node, "none"))
        return;
    if (!mmu_yaml_map(r->y, node, "l2", "none, or {latency, arrays}", keys, KEYS, value))
        return;
    r->cfg->l2_latency = (uint8_t)read_number(r, value[LATENCY], "l2.latency", MMU_CFG_F_l2_latency, 0, 1);
    read_arrays(r, value[ARRAYS], "l2", MMU_LEVEL_L2);
}

/* Walk caches of a stage: where they go, and how their fields are numbered. */
typedef struct {
    mmu_cfg_pwc_t *pwc;
    unsigned ways, policy;
} caches_t;

static void read_cache(const reader_t *r, const yaml_node_t *node, const char *path, const caches_t *to)
{
    enum { LEVEL, WAYS, POLICY, KEYS };
    static const mmu_yaml_key_t keys[KEYS] = {
        {"level", true, "1 to 4"},
        {"ways", true, "1 to 64"},
        {"policy", true, "plru, fifo, lru, nru, random"},
    };
    const yaml_node_t *value[KEYS];
    char sub[KEYS][80];
    unsigned level, k;

    if (!mmu_yaml_map(r->y, node, path, "{level, ways, policy}", keys, KEYS, value))
        return;
    for (unsigned i = 0; i < KEYS; i++)
        snprintf(sub[i], sizeof sub[i], "%s.%s", path, keys[i].name);
    if (value[LEVEL] == NULL ||
        !mmu_yaml_number(r->y, value[LEVEL], sub[LEVEL], 1, MMU_PWC_LEVELS,
                         "a whole number, 1 to 4 (0 is the last level: its entries are leaves)", &level))
        return;
    k = level - 1;
    if (to->pwc[k].ways != 0) {
        mmu_yaml_error(r->y, value[LEVEL]->start_mark, "%s is %u again; allowed: one walk cache a level",
                       sub[LEVEL], level);
        return;
    }
    to->pwc[k].ways = (uint8_t)read_number(r, value[WAYS], sub[WAYS], to->ways, k, 1);
    to->pwc[k].policy = (uint8_t)read_policy(r, value[POLICY], sub[POLICY], to->policy, k);
}

static void read_caches(const reader_t *r, const yaml_node_t *node, const char *path, const caches_t *to)
{
    char item_path[64];
    unsigned items;

    if (node == NULL || mmu_yaml_is(node, "none"))
        return;
    items = mmu_yaml_list(r->y, node, path, 1, MMU_PWC_LEVELS, "none, or a list of 1 to 4 walk caches");
    for (unsigned n = 0; n < items; n++) {
        snprintf(item_path, sizeof item_path, "%s[%u]", path, n);
        read_cache(r, mmu_yaml_item(r->y, node, n), item_path, to);
    }
}

static void read_walker(const reader_t *r, const yaml_node_t *node)
{
    enum { WALKS, CACHES, KEYS };
    static const mmu_yaml_key_t keys[KEYS] = {
        {"walks", true, "1 to 8"},
        {"caches", true, "none, or a list of walk caches"},
    };
    const caches_t caches = {r->cfg->pwc, MMU_CFG_F_pwc_ways, MMU_CFG_F_pwc_policy};
    const yaml_node_t *value[KEYS];

    if (node == NULL || !mmu_yaml_map(r->y, node, "walker", "{walks, caches}", keys, KEYS, value))
        return;
    r->cfg->walks = (uint8_t)read_number(r, value[WALKS], "walker.walks", MMU_CFG_F_walks, 0, 1);
    read_caches(r, value[CACHES], "walker.caches", &caches);
}

static void read_g_tlb(const reader_t *r, const yaml_node_t *node)
{
    enum { WAYS, POLICY, KEYS };
    static const mmu_yaml_key_t keys[KEYS] = {
        {"ways", true, "1 to 64"},
        {"policy", true, "plru, fifo, lru, nru, random"},
    };
    const yaml_node_t *value[KEYS];

    if (node == NULL || mmu_yaml_is(node, "none") ||
        !mmu_yaml_map(r->y, node, "hypervisor.tlb", "none, or {ways, policy}", keys, KEYS, value))
        return;
    r->cfg->gtlb_ways =
        (uint8_t)read_number(r, value[WAYS], "hypervisor.tlb.ways", MMU_CFG_F_gtlb_ways, 0, 1);
    r->cfg->gtlb_policy =
        (uint8_t)read_policy(r, value[POLICY], "hypervisor.tlb.policy", MMU_CFG_F_gtlb_policy, 0);
}

/* Optional, all of it: CFG-4. */
static void read_hypervisor(const reader_t *r, const yaml_node_t *node)
{
    enum { VMID_BITS, TLB, CACHES, KEYS };
    static const mmu_yaml_key_t keys[KEYS] = {
        {"vmid_bits", true, "0 to 14"},
        {"tlb", true, "none, or {ways, policy}"},
        {"caches", true, "none, or a list of walk caches"},
    };
    const caches_t caches = {r->cfg->gpwc, MMU_CFG_F_gpwc_ways, MMU_CFG_F_gpwc_policy};
    const yaml_node_t *value[KEYS];

    if (node == NULL || mmu_yaml_is(node, "none"))
        return;
    mark(r, MMU_CFG_F_hypervisor, 0, node);
    if (!mmu_yaml_map(r->y, node, "hypervisor", "none, or {vmid_bits, tlb, caches}", keys, KEYS, value))
        return;
    r->cfg->hypervisor = 1;
    r->cfg->vmid_bits =
        (uint8_t)read_number(r, value[VMID_BITS], "hypervisor.vmid_bits", MMU_CFG_F_vmid_bits, 0, 0);
    read_g_tlb(r, value[TLB]);
    read_caches(r, value[CACHES], "hypervisor.caches", &caches);
}

/* Optional: most shapes have none. */
static void read_pmp(const reader_t *r, const yaml_node_t *node)
{
    static const char allowed[] = "0, 16 or 64";
    unsigned entries;

    if (node == NULL)
        return;
    mark(r, MMU_CFG_F_pmp_entries, 0, node);
    if (!mmu_yaml_number(r->y, node, "pmp", 0, MMU_MAX_PMP, allowed, &entries))
        return;
    if (entries != 0 && entries != 16 && entries != 64)
        mmu_yaml_refuse(r->y, node, "pmp", allowed);
    r->cfg->pmp_entries = (uint8_t)entries;
}

static void read_about(const reader_t *r, const yaml_node_t *node, mmu_cfg_about_t *about)
{
    const size_t room = sizeof about->about;

    if (node == NULL)
        return;
    if (node->type != YAML_SCALAR_NODE || node->data.scalar.length >= room ||
        memchr(node->data.scalar.value, '\n', node->data.scalar.length) != NULL)
        mmu_yaml_refuse(r->y, node, "about", "one line of text, up to 127 bytes");
    else if (about != NULL)
        snprintf(about->about, room, "%s", (const char *)node->data.scalar.value);
}

void mmu_cfg_read(const mmu_yaml_t *y, mmu_cfg_t *cfg, mmu_cfg_about_t *about, mmu_cfg_marks_t *marks)
{
    enum { ABOUT, FORMATS, ASID_BITS, PMP, PORTS, L2, WALKER, HYPERVISOR, KEYS };
    static const mmu_yaml_key_t keys[KEYS] = {
        {"about", false, "one line of text"},   {"formats", true, "a list of paging formats, e.g. [riscv]"},
        {"asid_bits", true, "0 to 16"},         {"pmp", false, "0, 16 or 64"},
        {"ports", true, "{instruction, data}"}, {"l2", true, "none, or {latency, arrays}"},
        {"walker", true, "{walks, caches}"},    {"hypervisor", false, "none, or {vmid_bits, tlb, caches}"},
    };
    const reader_t r = {y, cfg, marks};
    const yaml_node_t *value[KEYS];

    memset(cfg, 0, sizeof *cfg);
    cfg->version = MMU_CFG_VERSION;
    if (!mmu_yaml_map(y, yaml_document_get_root_node(y->document), "the configuration",
                      "{formats, asid_bits, ports, l2, walker}", keys, KEYS, value))
        return;
    read_about(&r, value[ABOUT], about);
    if (value[FORMATS] != NULL)
        mark(&r, MMU_CFG_F_formats, 0, value[FORMATS]);
    cfg->formats = (uint16_t)read_set(&r, value[FORMATS], "formats", "a list of paging formats, e.g. [riscv]",
                                      mmu_cfg_format_name);
    cfg->asid_bits = (uint8_t)read_number(&r, value[ASID_BITS], "asid_bits", MMU_CFG_F_asid_bits, 0, 0);
    read_pmp(&r, value[PMP]);
    read_ports(&r, value[PORTS]);
    read_l2(&r, value[L2]);
    read_walker(&r, value[WALKER]);
    read_hypervisor(&r, value[HYPERVISOR]);
}
