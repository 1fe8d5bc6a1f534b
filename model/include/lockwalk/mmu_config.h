/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * Configurations as people and tools handle them: packing for the RTL, checking, loading from YAML, presets.
 * Rules: docs/microarchitecture.md, CFG.
 *
 *     YAML file or preset name -- mmu_cfg_load --> mmu_cfg_t -- mmu_cfg_pack --> vector `Cfg` of the RTL
 */
#ifndef LOCKWALK_MMU_CONFIG_H
#define LOCKWALK_MMU_CONFIG_H

#include "lockwalk/mmu_cfg.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- the packed vector (model/config/mmu_cfg_pack.c) --------------------------------------- */

#define MMU_CFG_BITS 417 /* mmu_cfg_pkg::CfgW */
#define MMU_CFG_WORDS                                                                                        \
    ((MMU_CFG_BITS + 31) / 32) /* 32-bit words, the lowest bits in word 0, as DPI passes it */
#define MMU_CFG_HEX_SIZE ((MMU_CFG_BITS + 3) / 4 + 1) /* digits and the closing zero */

/* `cfg` must hold values that mmu_cfg_check accepts. Bits above MMU_CFG_BITS of the last word are 0. */
void mmu_cfg_pack(const mmu_cfg_t *cfg, uint32_t words[MMU_CFG_WORDS]);

/* False where a field is outside its range (so also for another layout's version) or a bit above the vector
 * is set; *bad (may be NULL) then names the field, e.g. "version". */
bool mmu_cfg_unpack(const uint32_t words[MMU_CFG_WORDS], mmu_cfg_t *cfg, const char **bad);

/* All digits of the vector, most significant first, without prefix. */
void mmu_cfg_to_hex(const mmu_cfg_t *cfg, char hex[MMU_CFG_HEX_SIZE]);

/* Reads what mmu_cfg_to_hex wrote; fewer digits are filled with zeros. */
bool mmu_cfg_from_hex(const char *hex, mmu_cfg_t *cfg, const char **bad);

bool mmu_cfg_equal(const mmu_cfg_t *a, const mmu_cfg_t *b);

/* The fields of the vector, in order, for programs that print or compare it. */
typedef enum {
    MMU_CFG_IN_SCALAR = 0,
    MMU_CFG_IN_PORT = 1,
    MMU_CFG_IN_ARRAY = 2,
    MMU_CFG_IN_PWC = 3,
    MMU_CFG_IN_GPWC = 4
} mmu_cfg_in_e;

typedef struct {
    const char *name; /* as in mmu_cfg_fields.def */
    uint8_t in;       /* mmu_cfg_in_e: where in mmu_cfg_t it stands */
    uint8_t count;    /* how often: 1, ports, levels * arrays, walk caches */
    uint8_t width;    /* bits of each */
    uint16_t base;    /* lowest bit of index 0 */
    uint16_t min, max;
} mmu_cfg_field_t;

/* Field n, or NULL after the last one. */
const mmu_cfg_field_t *mmu_cfg_field(unsigned n);
uint16_t mmu_cfg_get(const mmu_cfg_t *cfg, const mmu_cfg_field_t *field, unsigned index);

/* ---- errors of users ------------------------------------------------------------------------ */

#define MMU_CFG_ERRORS_SIZE 4096

/* A line each; where not all fit, the last one tells how many more there are. */
typedef struct {
    unsigned count; /* errors found */
    char text[MMU_CFG_ERRORS_SIZE];
} mmu_cfg_errors_t;

/* ---- checking (model/config/mmu_cfg_check.c) ------------------------------------------------ */

/* True where an MMU of this shape can be built. Each error names the parameter, its value and what is
 * allowed. `errors` may be NULL. */
bool mmu_cfg_check(const mmu_cfg_t *cfg, mmu_cfg_errors_t *errors);

/* ---- loading (model/config/mmu_cfg_load.c) -------------------------------------------------- */

typedef struct {
    char name[64];   /* the preset's, or the file's without folder and .yaml */
    char about[128]; /* one line, the key `about` */
} mmu_cfg_about_t;

/* Loads a preset by name, or a file where the argument has a '/' or ends in ".yaml". The result has passed
 * mmu_cfg_check. On errors: false, `errors` has a line "file:line:column: error: ..." for each, and `cfg` is
 * not to be used. `about` and `errors` may be NULL. */
bool mmu_cfg_load(const char *path_or_preset, mmu_cfg_t *cfg, mmu_cfg_about_t *about,
                  mmu_cfg_errors_t *errors);

/* The same from memory; `file` is what the errors call it. */
bool mmu_cfg_parse(const char *text, size_t size, const char *file, mmu_cfg_t *cfg, mmu_cfg_about_t *about,
                   mmu_cfg_errors_t *errors);

/* The presets that are built in, by number, sorted by name; NULL after the last one. */
const char *mmu_cfg_preset_name(unsigned n);
const char *mmu_cfg_preset_text(unsigned n);

/* ---- cells of presets (model/config/mmu_cfg_cells.c) ------------------------------------------ */

/* What Yosys made of this shape: generic gates and flip-flops. Rows of the L2's arrays stay memories. */
typedef struct {
    uint64_t cells;       /* flip-flops among them */
    uint64_t flops;       /* those of mmu_area_of (docs/area.md) */
    uint64_t memory_bits; /* likewise */
    char yosys[16];       /* the version that counted */
} mmu_cfg_cells_t;

/* False where nobody has counted this shape: it is no preset's (model/config/presets/cells.csv). */
bool mmu_cfg_cells(const mmu_cfg_t *cfg, mmu_cfg_cells_t *cells);

/* ---- words for people ------------------------------------------------------------------------ */

/* Name of the page size of TYP-4's bit i ("4K", "2M"), or NULL. */
const char *mmu_cfg_page_name(unsigned i);
const char *mmu_cfg_policy_name(unsigned policy); /* mmu_policy_e; NULL for others */
const char *mmu_cfg_format_name(unsigned bit);    /* of mmu_cfg_t.formats; NULL for others */

/* Where a user finds a field of the vector in a YAML file, e.g. "ports.data.arrays[1].ways". */
void mmu_cfg_path(const mmu_cfg_field_t *field, unsigned index, char *path, size_t size);

#ifdef __cplusplus
}
#endif
#endif
