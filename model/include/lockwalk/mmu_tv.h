/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * Translation vectors (`.tv`, plain or gzip): golden answers of independent implementations. The format is
 * described in tests/vectors/FORMAT.md. The reader knows the whole format, also what no model handles yet, and
 * gives one world at a time:
 *
 *     mmu_tv_t *tv = mmu_tv_open(path, &err);
 *     while ((got = mmu_tv_next(tv, &world, &err)) > 0)
 *         if (mmu_tv_select_match(select, world)) {
 *             mmu_tv_image_load(image, world);
 *             for each access of the world: translate in the image, compare, mmu_tv_image_settle
 *         }
 *     mmu_tv_close(tv);        got < 0: err says where and why
 *
 * Every malformed record is an error that names file and line, what was found, and what was expected.
 */
#ifndef LOCKWALK_MMU_TV_H
#define LOCKWALK_MMU_TV_H

#include "lockwalk/mmu_arch.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- a world ---------------------------------------------------------------------------------------- */

/* Keys of a world. One that is left out is 0. */
typedef enum {
    MMU_TV_ISA = 0, /* mmu_tv_isa_e */
    MMU_TV_MODE,    /* mmu_tv_mode_e */
    MMU_TV_GMODE,   /* mmu_tv_mode_e's neighbour: 0, bare, sv32x4, sv39x4, sv48x4, sv57x4 */
    MMU_TV_SRC,     /* 0, qemu, bochs */
    MMU_TV_ROOT,
    MMU_TV_GROOT,
    MMU_TV_VIRT,
    MMU_TV_SUM,
    MMU_TV_MXR,
    MMU_TV_VSUM,
    MMU_TV_VMXR,
    MMU_TV_ADUE,
    MMU_TV_HADUE,
    MMU_TV_PBMTE,
    MMU_TV_HPBMTE,
    MMU_TV_NAPOT,
    MMU_TV_PMP,
    MMU_TV_CR3,
    MMU_TV_WP,
    MMU_TV_NXE,
    MMU_TV_PSE,
    MMU_TV_SMEP,
    MMU_TV_SMAP,
    MMU_TV_AC,
    MMU_TV_PGE,
    MMU_TV_MAXPA,
    MMU_TV_AFAULT,
    MMU_TV_AUX,
    MMU_TV_ASID,
    MMU_TV_PLG,
    MMU_TV_ROWS_LG,
    MMU_TV_LINEAR,
    MMU_TV_KEYS
} mmu_tv_key_e;

typedef enum { MMU_TV_RV32 = 1, MMU_TV_RV64, MMU_TV_X86, MMU_TV_X86_64, MMU_TV_CLASSIC } mmu_tv_isa_e;
typedef enum {
    MMU_TV_BARE = 1,
    MMU_TV_SV32,
    MMU_TV_SV39,
    MMU_TV_SV48,
    MMU_TV_SV57,
    MMU_TV_X86_2LEVEL,
    MMU_TV_X86_PAE,
    MMU_TV_PML4,
    MMU_TV_PML5,
    MMU_TV_M_BOUNDS, /* of isa classic, in the order of mmu_format_e; new formats follow */
    MMU_TV_M_SEGMENT,
    MMU_TV_M_LINEAR,
    MMU_TV_M_DIRECTORY,
    MMU_TV_M_INVERTED,
    MMU_TV_M_SEGPAGE
} mmu_tv_mode_e;

typedef enum { MMU_TV_PRIV_U = 0, MMU_TV_PRIV_S = 1, MMU_TV_PRIV_M = 3 } mmu_tv_priv_e;
typedef enum {
    MMU_TV_FETCH = 0,
    MMU_TV_LOAD = 1,
    MMU_TV_STORE = 2,
    MMU_TV_LOAD_X = 3,
    MMU_TV_APPEND = 4
} mmu_tv_type_e;

/* A page-table word: `m` (before the first access) or `u` (changed by an access). */
typedef struct {
    uint64_t addr, value;
    unsigned line;
} mmu_tv_word_t;

typedef struct {
    uint64_t addr; /* pmpaddr */
    uint8_t index;
    uint8_t cfg; /* pmpcfg */
} mmu_tv_pmp_t;

/* What stands after the result: bits of mmu_tv_access_t.given. */
enum {
    MMU_TV_HAS_PBMT = 1,
    MMU_TV_HAS_SIZE = 2,
    MMU_TV_HAS_LEN = 4,
    MMU_TV_HAS_TVAL = 8,
    MMU_TV_HAS_GPA = 16,
    MMU_TV_HAS_REASON = 32
};

typedef struct {
    uint64_t va;
    uint64_t pa;                         /* without a fault */
    uint64_t cause;                      /* with a fault */
    uint64_t pbmt, size, len, tval, gpa; /* where `given` says so */
    char reason[16];
    unsigned line;
    unsigned given;
    unsigned first_update, updates; /* in the world's update[] */
    uint8_t priv;                   /* mmu_tv_priv_e */
    uint8_t type;                   /* mmu_tv_type_e */
    bool fault;
    bool gp; /* x86: #GP, no page fault; no cause */
} mmu_tv_access_t;

typedef struct {
    const char *file;
    unsigned line;
    uint64_t id;
    uint64_t key[MMU_TV_KEYS];
    uint64_t ram_base, ram_size; /* bytes */
    bool wide;                   /* words of `m` and `u` are 8 bytes, else 4 */
    mmu_tv_word_t *word;         /* `m` */
    mmu_tv_access_t *access;     /* `a` */
    mmu_tv_word_t *update;       /* `u` */
    unsigned words, pmps, accesses, updates;
    mmu_tv_pmp_t pmp[64]; /* `p`, each index once */
} mmu_tv_world_t;

typedef struct {
    char text[512];
} mmu_tv_err_t;

typedef struct mmu_tv mmu_tv_t;

/* NULL: err says why. */
mmu_tv_t *mmu_tv_open(const char *path, mmu_tv_err_t *err);

/* 1: the next world, which stays until the next call; 0: the file ends well; -1: err says why. */
int mmu_tv_next(mmu_tv_t *tv, const mmu_tv_world_t **world, mmu_tv_err_t *err);

void mmu_tv_close(mmu_tv_t *tv);

/* "sv39", "0x8013c": the value of a key as the file writes it; uses buf where it needs to. */
const char *mmu_tv_value(unsigned key, uint64_t value, char buf[24]);
const char *mmu_tv_key_name(unsigned key);

/* ---- selection: "key=value,key!=value|value" -------------------------------------------------------- */

typedef struct mmu_tv_select mmu_tv_select_t;

/* NULL: err says why. An empty text selects every world. Key `id` is the world's number. */
mmu_tv_select_t *mmu_tv_select_parse(const char *text, mmu_tv_err_t *err);
bool mmu_tv_select_match(const mmu_tv_select_t *select, const mmu_tv_world_t *world);
void mmu_tv_select_free(mmu_tv_select_t *select);

/* ---- memory image ----------------------------------------------------------------------------------- */

typedef struct {
    uint64_t addr, before, after;
} mmu_tv_change_t;

typedef struct mmu_tv_image mmu_tv_image_t;

/* NULL: out of memory. */
mmu_tv_image_t *mmu_tv_image_new(void);
void mmu_tv_image_free(mmu_tv_image_t *image);

/* Forgets all, and takes the world's RAM and its `m` words. False: out of memory. */
bool mmu_tv_image_load(mmu_tv_image_t *image, const mmu_tv_world_t *world);

/* The image as the walker's memory. */
mmu_arch_mem_t mmu_tv_image_mem(mmu_tv_image_t *image);

/* Words that were written since the last settle, in the order of the first write to each; one that has its old
 * value again is left out. */
unsigned mmu_tv_image_changes(mmu_tv_image_t *image, const mmu_tv_change_t **changes);

/* Takes back what was written since the last settle, and writes the access's `u` words instead: the next access
 * finds the memory that the reference had. */
void mmu_tv_image_settle(mmu_tv_image_t *image, const mmu_tv_world_t *world, const mmu_tv_access_t *access);

#ifdef __cplusplus
}
#endif
#endif
