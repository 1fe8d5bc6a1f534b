/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * mmu_cfg_t to and from the packed vector of the RTL, by the list of fields. Rules: CFG-1.
 */
#include "lockwalk/mmu_config.h"

#include <assert.h>
#include <string.h>

/* Widths add up here, in the order of the list: entry n of the enum is the lowest bit of field n. */
enum {
#define WIDE(name, bits) BASE_##name, END_##name = BASE_##name + (bits)-1,
#define MMU_CFG_SCALAR(name, width, min, max) WIDE(scalar_##name, width)
#define MMU_CFG_PORT(name, width, min, max) WIDE(port_##name, (width)*MMU_PORTS)
#define MMU_CFG_ARRAY(name, width, min, max) WIDE(array_##name, (width)*MMU_LEVELS *MMU_ARRAYS)
#define MMU_CFG_PWC(name, width, min, max) WIDE(pwc_##name, (width)*MMU_PWC_LEVELS)
#define MMU_CFG_GPWC(name, width, min, max) WIDE(gpwc_##name, (width)*MMU_PWC_LEVELS)
#include "config/mmu_cfg_fields.def"
    TOTAL_BITS
};

_Static_assert(TOTAL_BITS == MMU_CFG_BITS, "set MMU_CFG_BITS to what the list of fields adds up to");

/* What the public table does not show: how a field is reached in mmu_cfg_t. */
typedef struct {
    mmu_cfg_field_t show;
    uint16_t offset, stride;
    uint8_t bytes;
} field_t;

#define SIZE_OF(type, member) sizeof(((type *)0)->member)

static const field_t field[] = {
#define MMU_CFG_SCALAR(name, width, min, max)                                                                \
    {{#name, MMU_CFG_IN_SCALAR, 1, width, BASE_scalar_##name, min, max},                                     \
     offsetof(mmu_cfg_t, name),                                                                              \
     0,                                                                                                      \
     SIZE_OF(mmu_cfg_t, name)},
#define MMU_CFG_PORT(name, width, min, max)                                                                  \
    {{#name, MMU_CFG_IN_PORT, MMU_PORTS, width, BASE_port_##name, min, max},                                 \
     offsetof(mmu_cfg_t, name),                                                                              \
     SIZE_OF(mmu_cfg_t, name[0]),                                                                            \
     SIZE_OF(mmu_cfg_t, name[0])},
#define MMU_CFG_ARRAY(name, width, min, max)                                                                 \
    {{#name, MMU_CFG_IN_ARRAY, MMU_LEVELS * MMU_ARRAYS, width, BASE_array_##name, min, max},                 \
     offsetof(mmu_cfg_t, array) + offsetof(mmu_cfg_array_t, name),                                           \
     sizeof(mmu_cfg_array_t),                                                                                \
     SIZE_OF(mmu_cfg_array_t, name)},
#define MMU_CFG_PWC(name, width, min, max)                                                                   \
    {{#name, MMU_CFG_IN_PWC, MMU_PWC_LEVELS, width, BASE_pwc_##name, min, max},                              \
     offsetof(mmu_cfg_t, pwc) + offsetof(mmu_cfg_pwc_t, name),                                               \
     sizeof(mmu_cfg_pwc_t),                                                                                  \
     SIZE_OF(mmu_cfg_pwc_t, name)},
#define MMU_CFG_GPWC(name, width, min, max)                                                                  \
    {{#name, MMU_CFG_IN_GPWC, MMU_PWC_LEVELS, width, BASE_gpwc_##name, min, max},                            \
     offsetof(mmu_cfg_t, gpwc) + offsetof(mmu_cfg_pwc_t, name),                                              \
     sizeof(mmu_cfg_pwc_t),                                                                                  \
     SIZE_OF(mmu_cfg_pwc_t, name)},
#include "config/mmu_cfg_fields.def"
};

#define FIELDS (sizeof field / sizeof field[0])

static uint16_t get(const mmu_cfg_t *cfg, const field_t *f, unsigned index)
{
    const unsigned char *p = (const unsigned char *)cfg + f->offset + (size_t)index * f->stride;
    uint16_t wide;

    if (f->bytes == 1)
        return *p;
    memcpy(&wide, p, sizeof wide);
    return wide;
}

static void put(mmu_cfg_t *cfg, const field_t *f, unsigned index, uint16_t value)
{
    unsigned char *p = (unsigned char *)cfg + f->offset + (size_t)index * f->stride;

    if (f->bytes == 1)
        *p = (unsigned char)value;
    else
        memcpy(p, &value, sizeof value);
}

const mmu_cfg_field_t *mmu_cfg_field(unsigned n)
{
    return n < FIELDS ? &field[n].show : NULL;
}

uint16_t mmu_cfg_get(const mmu_cfg_t *cfg, const mmu_cfg_field_t *show, unsigned index)
{
    /* `show` is the first member of the table's entry that mmu_cfg_field gave out. */
    assert(index < show->count);
    return get(cfg, (const field_t *)(const void *)show, index);
}

void mmu_cfg_pack(const mmu_cfg_t *cfg, uint32_t words[MMU_CFG_WORDS])
{
    memset(words, 0, MMU_CFG_WORDS * sizeof words[0]);
    for (size_t n = 0; n < FIELDS; n++)
        for (unsigned index = 0; index < field[n].show.count; index++) {
            uint32_t value = get(cfg, &field[n], index);
            unsigned at = field[n].show.base + index * field[n].show.width;

            assert(value >> field[n].show.width == 0);
            for (unsigned bit = 0; bit < field[n].show.width; bit++, at++)
                words[at / 32] |= ((value >> bit) & 1u) << (at % 32);
        }
}

bool mmu_cfg_unpack(const uint32_t words[MMU_CFG_WORDS], mmu_cfg_t *cfg, const char **bad)
{
    const char *wrong = NULL;

    memset(cfg, 0, sizeof *cfg);
    for (size_t n = 0; n < FIELDS; n++)
        for (unsigned index = 0; index < field[n].show.count; index++) {
            uint32_t value = 0;
            unsigned at = field[n].show.base + index * field[n].show.width;

            for (unsigned bit = 0; bit < field[n].show.width; bit++, at++)
                value |= ((words[at / 32] >> (at % 32)) & 1u) << bit;
            if (wrong == NULL && (value < field[n].show.min || value > field[n].show.max))
                wrong = field[n].show.name;
            put(cfg, &field[n], index, (uint16_t)value);
        }
    if (wrong == NULL && MMU_CFG_BITS % 32 != 0 && words[MMU_CFG_WORDS - 1] >> (MMU_CFG_BITS % 32) != 0)
        wrong = "a bit above the vector";
    if (bad != NULL)
        *bad = wrong;
    return wrong == NULL;
}

void mmu_cfg_to_hex(const mmu_cfg_t *cfg, char hex[MMU_CFG_HEX_SIZE])
{
    uint32_t words[MMU_CFG_WORDS];
    const unsigned digits = MMU_CFG_HEX_SIZE - 1;

    mmu_cfg_pack(cfg, words);
    for (unsigned i = 0; i < digits; i++) {
        unsigned nibble = digits - 1 - i;
        hex[i] = "0123456789abcdef"[(words[nibble / 8] >> (nibble % 8 * 4)) & 15u];
    }
    hex[digits] = '\0';
}

bool mmu_cfg_from_hex(const char *hex, mmu_cfg_t *cfg, const char **bad)
{
    static const char digits[] = "0123456789abcdef0123456789ABCDEF";
    uint32_t words[MMU_CFG_WORDS] = {0};
    const size_t len = strlen(hex);
    const char *wrong = NULL;

    if (len == 0 || len > MMU_CFG_HEX_SIZE - 1)
        wrong = "the number of digits";
    for (size_t i = 0; wrong == NULL && i < len; i++) {
        const char *d = strchr(digits, hex[i]);
        size_t nibble = len - 1 - i;

        if (d == NULL)
            wrong = "a character that is no hexadecimal digit";
        else
            words[nibble / 8] |= (uint32_t)((d - digits) & 15) << (nibble % 8 * 4);
    }
    if (wrong != NULL) {
        if (bad != NULL)
            *bad = wrong;
        return false;
    }
    return mmu_cfg_unpack(words, cfg, bad);
}

bool mmu_cfg_equal(const mmu_cfg_t *a, const mmu_cfg_t *b)
{
    /* Not memcmp: the structs have padding. */
    for (size_t n = 0; n < FIELDS; n++)
        for (unsigned index = 0; index < field[n].show.count; index++)
            if (get(a, &field[n], index) != get(b, &field[n], index))
                return false;
    return true;
}
