/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * What the random stimulus knows of its page tables, address spaces and virtual machines. Part of random.h.
 */
#ifndef LOCKWALK_ENV_RANDOM_WORLD_H
#define LOCKWALK_ENV_RANDOM_WORLD_H

#include "env/random_weights.h"

/* ---- the world: page tables ------------------------------------------------------------------ */

enum {
    MMU_WORLD_MODES = 4, /* rows of mmu_pagings for one stage, for the G stage and for the VS stage */
    MMU_ROW_G = MMU_WORLD_MODES,
    MMU_ROW_VS = 2 * MMU_WORLD_MODES,
    MMU_ROWS = 3 * MMU_WORLD_MODES,
    MMU_WORLD_LEVELS = 5,
    MMU_WORLD_TABLES = 340, /* of all rows together */
    MMU_WORLD_INDEXES = 16,
    MMU_WORLD_ENTRIES = 4096, /* of one table */
    MMU_WORLD_GLOBALS = 2,
    MMU_WORLD_SPACES = 16,
    MMU_WORLD_POOL = 256,
    MMU_WORLD_BANKS = 2,
    MMU_VMS = 8,
    MMU_VM_SPACES = 6,
    MMU_NO_PAGING = 0xff
};

/* Whose word an address is. */
typedef enum { MMU_OF_ONE = 0, MMU_OF_VS = 1, MMU_OF_G = 2 } mmu_stage_of_e;

/* What a mode's page tables look like: all that the generator knows of a paging format. */
typedef struct {
    mmu_weight_e weight;
    uint8_t mode; /* satp.MODE */
    uint8_t levels, vpn_bits, entry_lg;
    uint8_t sign_bit; /* VA bits above are copies of it; 63: there are none */
    uint8_t ppn_bits;
    uint8_t root_bits; /* more index bits of the root: 2 in the G stage */
} mmu_paging_t;

/* Rows: one stage, G stage, VS stage. */
extern const mmu_paging_t mmu_pagings[MMU_ROWS];

static inline bool mmu_row_is_g(unsigned row)
{
    return row >= MMU_ROW_G && row < MMU_ROW_VS;
}

static inline bool mmu_row_is_vs(unsigned row)
{
    return row >= MMU_ROW_VS;
}

static inline mmu_stage_of_e mmu_row_stage(unsigned row)
{
    return mmu_row_is_vs(row) ? MMU_OF_VS : mmu_row_is_g(row) ? MMU_OF_G : MMU_OF_ONE;
}

typedef struct {
    uint64_t addr;
    uint8_t paging; /* row of mmu_pagings */
    uint8_t level;
    bool global;  /* in the part that all roots share */
    bool window;  /* of the G stage: leads to guest page tables */
    uint8_t bank; /* of guest memory: VS tables, G roots and windows */
    uint8_t lg;   /* log2 of its bytes */
} mmu_table_t;

/* Indexes of a level that addresses use. The top level's global indexes lead to the part that all roots
 * share, and are no index of a lower level, so that no loop leads there. */
typedef struct {
    uint16_t index[MMU_WORLD_LEVELS][MMU_WORLD_INDEXES];
    uint8_t indexes[MMU_WORLD_LEVELS];
    uint16_t global[MMU_WORLD_GLOBALS];
} mmu_geography_t;

typedef struct {
    uint64_t root; /* PPN */
    uint64_t aux;  /* formats other than riscv */
    uint16_t asid;
} mmu_space_t;

/* A virtual machine: what a VMID stands for. */
typedef struct {
    uint64_t groot; /* PPN */
    mmu_space_t space[MMU_VM_SPACES];
    unsigned spaces;
    uint16_t vmid;   /* bits that the MMU keeps */
    uint8_t gpaging; /* row of the G stage; MMU_NO_PAGING: bare */
    uint8_t vpaging; /* row of the VS stage; with a bare G stage one of the rows of one stage */
} mmu_vm_t;

/* What a requester sees memory through. */
typedef struct {
    bool v;
    bool bare;     /* the first or only stage */
    uint8_t vm;    /* with v */
    uint8_t space; /* of the machine, or of those without v */
} mmu_view_t;

typedef struct {
    uint64_t va[MMU_WORLD_POOL];
    unsigned count;
} mmu_pool_t;

/* Changes of an entry since the last fence of everything, as epoch << 3 | count. */
typedef uint32_t mmu_versions_t;

typedef struct {
    mmu_table_t table[MMU_WORLD_TABLES];
    unsigned tables;
    mmu_geography_t geography[MMU_ROWS];
    bool clean;        /* only good entries */
    uint32_t epoch[3]; /* by mmu_stage_of_e: of the words of one stage, of the VS stage, of the G stage */
    bool fenced_s;     /* for the next epoch of one stage: everything with V = 0 has been fenced, */
    uint32_t
        fenced_vv[2]; /* and these machines' VS stages; for the next epoch of one stage, of the VS stage */
    uint64_t bank[MMU_WORLD_BANKS]; /* 2 MiB of guest page tables each, 1 GiB apart */
    unsigned banks;
    uint8_t partner[MMU_WORLD_MODES]; /* of each VS row, the G stage's that most machines with it have */
    uint64_t window;                  /* guest physical address of a bank: its bits from 30 up */
    mmu_versions_t versions[MMU_WORLD_TABLES][MMU_WORLD_ENTRIES];
    uint64_t written[MMU_WORLD_TABLES][MMU_WORLD_ENTRIES / 64]; /* bit n: entry n is not as after reset */
} mmu_world_t;

#endif
