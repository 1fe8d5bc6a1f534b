/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * The keys of a world, as one table: name, the isas that have it, and its values: words, or numbers up to a
 * maximum.
 */
#include "config/mmu_nearest.h"
#include "lockwalk/mmu_format.h"
#include "tv/tv_internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { RISCV = 1, X86 = 2, CLASSIC = 4 };

typedef struct {
    const char *name;
    const char *const *words; /* values in words, [0] for a key that is left out; NULL: numbers */
    uint64_t max;             /* of a number */
    uint8_t isas;
} key_t;

static const char *const isa_words[] = {"0", "rv32", "rv64", "x86", "x86_64", "classic", NULL};
/* Behind these come the classical formats and whatever else is listed: word(). */
static const char *const mode_words[] = {"0",    "bare",       "sv32",    "sv39", "sv48",
                                         "sv57", "x86_2level", "x86_pae", "pml4", "pml5"};
static const char *const gmode_words[] = {"0", "bare", "sv32x4", "sv39x4", "sv48x4", "sv57x4", NULL};
static const char *const src_words[] = {"0", "qemu", "bochs", NULL};

#define PPN_MAX ((UINT64_C(1) << 44) - 1)

static const key_t keys[MMU_TV_KEYS] = {
    [MMU_TV_ISA] = {"isa", isa_words, 0, RISCV | X86 | CLASSIC},
    [MMU_TV_MODE] = {"mode", mode_words, 0, RISCV | X86 | CLASSIC},
    [MMU_TV_GMODE] = {"gmode", gmode_words, 0, RISCV},
    [MMU_TV_SRC] = {"src", src_words, 0, X86},
    [MMU_TV_ROOT] = {"root", NULL, PPN_MAX, RISCV | CLASSIC},
    [MMU_TV_GROOT] = {"groot", NULL, PPN_MAX, RISCV},
    [MMU_TV_VIRT] = {"virt", NULL, 1, RISCV},
    [MMU_TV_SUM] = {"sum", NULL, 1, RISCV},
    [MMU_TV_MXR] = {"mxr", NULL, 1, RISCV},
    [MMU_TV_VSUM] = {"vsum", NULL, 1, RISCV},
    [MMU_TV_VMXR] = {"vmxr", NULL, 1, RISCV},
    [MMU_TV_ADUE] = {"adue", NULL, 1, RISCV | CLASSIC},
    [MMU_TV_HADUE] = {"hadue", NULL, 1, RISCV},
    [MMU_TV_PBMTE] = {"pbmte", NULL, 1, RISCV},
    [MMU_TV_HPBMTE] = {"hpbmte", NULL, 1, RISCV},
    [MMU_TV_NAPOT] = {"napot", NULL, 1, RISCV},
    [MMU_TV_PMP] = {"pmp", NULL, 1, RISCV},
    [MMU_TV_CR3] = {"cr3", NULL, UINT64_MAX, X86},
    [MMU_TV_WP] = {"wp", NULL, 1, X86},
    [MMU_TV_NXE] = {"nxe", NULL, 1, X86},
    [MMU_TV_PSE] = {"pse", NULL, 1, X86},
    [MMU_TV_SMEP] = {"smep", NULL, 1, X86},
    [MMU_TV_SMAP] = {"smap", NULL, 1, X86},
    [MMU_TV_AC] = {"ac", NULL, 1, X86},
    [MMU_TV_PGE] = {"pge", NULL, 1, X86},
    [MMU_TV_MAXPA] = {"maxpa", NULL, 52, X86},
    [MMU_TV_AFAULT] = {"afault", NULL, 1, X86},
    [MMU_TV_AUX] = {"aux", NULL, PPN_MAX, CLASSIC},
    [MMU_TV_ASID] = {"asid", NULL, UINT16_MAX, CLASSIC},
    [MMU_TV_PLG] = {"plg", NULL, 16, CLASSIC},
    [MMU_TV_ROWS_LG] = {"rows_lg", NULL, 16, CLASSIC},
    [MMU_TV_LINEAR] = {"linear", NULL, 1, CLASSIC},
};

const char *mmu_tv_key_name(unsigned key)
{
    return keys[key].name;
}

unsigned mmu_tv_key_find(const char *name)
{
    unsigned key = 0;

    while (key < MMU_TV_KEYS && strcmp(keys[key].name, name) != 0)
        key++;
    return key;
}

const char *mmu_tv_key_nearest(const char *name)
{
    const char *names[MMU_TV_KEYS];

    for (unsigned key = 0; key < MMU_TV_KEYS; key++)
        names[key] = keys[key].name;
    return mmu_nearest(name, names, MMU_TV_KEYS);
}

bool mmu_tv_key_fits(unsigned key, uint64_t isa)
{
    const unsigned of = isa == MMU_TV_CLASSIC ? CLASSIC : isa <= MMU_TV_RV64 ? RISCV : X86;

    return (keys[key].isas & of) != 0;
}

bool mmu_tv_mode_fits(uint64_t isa, uint64_t mode)
{
    switch (mode) {
    case MMU_TV_BARE:
        return isa == MMU_TV_RV32 || isa == MMU_TV_RV64;
    case MMU_TV_SV32:
        return isa == MMU_TV_RV32;
    case MMU_TV_SV39:
    case MMU_TV_SV48:
    case MMU_TV_SV57:
        return isa == MMU_TV_RV64;
    case MMU_TV_X86_2LEVEL:
    case MMU_TV_X86_PAE:
        return isa == MMU_TV_X86;
    case MMU_TV_PML4:
    case MMU_TV_PML5:
        return isa == MMU_TV_X86_64;
    default:
        return isa == MMU_TV_CLASSIC;
    }
}

/* Value i in words; NULL: there are no more. */
static const char *word(const key_t *k, unsigned i)
{
    const mmu_format_t *format;

    if (k->words != mode_words || i < MMU_TV_M_BOUNDS)
        return k->words[i];
    format = mmu_format(i - MMU_TV_M_BOUNDS + MMU_FORMAT_BOUNDS);
    return format != NULL ? format->name : NULL;
}

static unsigned word_count(const key_t *k)
{
    unsigned count = 0;

    while (word(k, count) != NULL)
        count++;
    return count;
}

bool mmu_tv_key_parse(unsigned key, const char *text, uint64_t *value, char expected[256])
{
    const key_t *k = &keys[key];

    if (k->words != NULL) {
        size_t used = (size_t)snprintf(expected, 256, "one of");

        for (unsigned i = 0; word(k, i) != NULL; i++) {
            if (strcmp(word(k, i), text) == 0) {
                *value = i;
                return true;
            }
            if (i > 0 && used < 256)
                used += (size_t)snprintf(expected + used, 256 - used, "%s %s", i > 1 ? "," : "", word(k, i));
        }
        return false;
    }
    snprintf(expected, 256, k->max == 1 ? "0 or 1" : "a number up to 0x%" PRIx64, k->max);
    return mmu_tv_number(text, value) && *value <= k->max;
}

const char *mmu_tv_value_nearest(unsigned key, const char *text)
{
    const key_t *k = &keys[key];
    const char *words[32];
    unsigned count = 0;

    if (k->words == NULL)
        return NULL;
    while (count < 32 && word(k, count + 1) != NULL) {
        words[count] = word(k, count + 1);
        count++;
    }
    return mmu_nearest(text, words, count);
}

const char *mmu_tv_value(unsigned key, uint64_t value, char buf[24])
{
    const key_t *k = &keys[key];

    if (k->words != NULL)
        return value < word_count(k) ? word(k, (unsigned)value) : "?";
    snprintf(buf, 24, k->max <= 52 ? "%" PRIu64 : "0x%" PRIx64, value);
    return buf;
}
