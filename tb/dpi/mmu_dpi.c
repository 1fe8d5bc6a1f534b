/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * The lockstep's DPI: SystemVerilog's side is tb/lockstep/mmu_dpi_pkg.sv. The header that the simulator has
 * generated from it is included, so a prototype that drifted does not compile.
 */
#include MMU_DPI_HEADER

#include "compare/mmu_lockstep.h"
#include "dpi/mmu_dpi_words.h"
#include "lockwalk/mmu_config.h"

#include <stdio.h>
#include <string.h>

#define DPI_VERSION 3

/* The version handshake: the first call of a run. */
unsigned int mmu_dpi_version(unsigned int version)
{
    if (version != DPI_VERSION)
        fprintf(
            stderr,
            "lockstep: the simulation speaks version %u of the DPI, this program version %d; build it anew\n",
            version, DPI_VERSION);
    return DPI_VERSION;
}

/* Names the first field that differs. */
static void tell_difference(const mmu_cfg_t *rtl, const mmu_cfg_t *model)
{
    const mmu_cfg_field_t *field;

    for (unsigned n = 0; (field = mmu_cfg_field(n)) != NULL; n++)
        for (unsigned k = 0; k < field->count; k++) {
            unsigned a = mmu_cfg_get(rtl, field, k);
            unsigned b = mmu_cfg_get(model, field, k);
            if (a != b)
                fprintf(stderr, "  %s[%u]: RTL has %u, the model was to have %u\n", field->name, k, a, b);
        }
}

/* The shape of the model: what it is to have, or else what RTL has. False: refused, and the reason printed. */
static bool choose_shape(const uint32_t *words, unsigned cfg_w, const char *model_cfg, mmu_cfg_t *cfg)
{
    mmu_cfg_t wanted;
    const char *bad = NULL;

    if (cfg_w != MMU_CFG_BITS) {
        fprintf(stderr,
                "lockstep: refused to run: RTL's configuration vector has %u bits, the model's has %d; one "
                "of them "
                "is older\n",
                cfg_w, MMU_CFG_BITS);
        return false;
    }
    if (!mmu_cfg_unpack(words, cfg, &bad)) {
        fprintf(stderr,
                "lockstep: refused to run: RTL's configuration vector is not one that the model can have: "
                "field '%s'\n",
                bad);
        return false;
    }
    if (model_cfg[0] == '\0')
        return true;
    if (!mmu_cfg_from_hex(model_cfg, &wanted, &bad)) {
        fprintf(stderr, "lockstep: refused to run: +lockwalk_cfg=%s is no configuration: field '%s'\n",
                model_cfg, bad);
        return false;
    }
    if (!mmu_cfg_equal(cfg, &wanted)) {
        fprintf(stderr, "lockstep: refused to run: RTL and model are not of the same shape\n");
        tell_difference(cfg, &wanted);
        return false;
    }
    return true;
}

void *mmu_dpi_lockstep_new(const svBitVecVal *cfg, unsigned int cfg_w, const char *model_cfg, svBit whitebox)
{
    mmu_cfg_t shape;
    mmu_lockstep_t *ls;

    if (!choose_shape(cfg, cfg_w, model_cfg, &shape))
        return NULL;
    ls = mmu_lockstep_create(&shape, whitebox != 0);
    if (ls == NULL)
        fprintf(stderr, "lockstep: no memory\n");
    return ls;
}

void mmu_dpi_lockstep_slow(void *handle, const svBitVecVal *slow, const svBitVecVal *pmp)
{
    uint64_t words[MMU_PMP_WORDS], bits;
    mmu_slow_in_t in;

    mmu_dpi_take(&bits, slow, MMU_SLOW_BITS);
    in.slow = mmu_words_unpack_slow(bits);
    mmu_dpi_take(words, pmp, MMU_PMP_BITS);
    in.pmp = mmu_words_unpack_pmp(words);
    mmu_lockstep_slow(handle, &in);
}

svBit mmu_dpi_lockstep_clock(void *handle, svBit rst_n, const svBitVecVal *req, const svBitVecVal *kill,
                             const svBitVecVal *ctx, const svBitVecVal *fence, svBit mreq_ready,
                             const svBitVecVal *mrsp, const svBitVecVal *req_ready, const svBitVecVal *rsp,
                             svBit fence_ready, svBit fence_done, const svBitVecVal *mreq, svBit idle,
                             const svBitVecVal *events)
{
    uint64_t words[MMU_WORDS];

    mmu_dpi_take(words + MMU_WORD_REQ, req, MMU_REQ_BITS);
    mmu_dpi_take(words + MMU_WORD_CTX, ctx, MMU_CTX_BITS);
    mmu_dpi_take(words + MMU_WORD_FENCE, fence, MMU_FENCE_BITS);
    mmu_dpi_take(words + MMU_WORD_MRSP, mrsp, MMU_MRSP_BITS);
    words[MMU_WORD_IN] = (uint64_t)*kill | (uint64_t)mreq_ready << 2;
    mmu_dpi_take_out(words, *req_ready, rsp, fence_ready, fence_done, mreq, idle, events);
    return !mmu_lockstep_clock(handle, words, rst_n != 0);
}

void mmu_dpi_lockstep_write(void *handle, unsigned int array_id, svBit phase, unsigned int row_no,
                            const svBitVecVal *vm, unsigned long long key, unsigned long long mask,
                            unsigned long long data)
{
    mmu_row_sample_t row = {
        .valid = true, .row_no = row_no, .vm = *vm, .key = key, .mask = mask, .data = data};
    mmu_lockstep_write(handle, array_id, phase != 0, &row);
}

void mmu_dpi_lockstep_row(void *handle, unsigned int array_id, svBit phase, unsigned int row_no, svBit valid,
                          const svBitVecVal *vm, unsigned long long key, unsigned long long mask,
                          unsigned long long data)
{
    mmu_row_sample_t row = {
        .valid = valid != 0, .row_no = row_no, .vm = *vm, .key = key, .mask = mask, .data = data};
    mmu_lockstep_row(handle, array_id, phase != 0, &row);
}

svBit mmu_dpi_lockstep_wants_sweep(void *handle)
{
    /* Without a model, or where lockstep is switched off. (Verilator 5.006 evaluates both sides of an &&.) */
    return handle != NULL && mmu_lockstep_wants_sweep(handle);
}

void mmu_dpi_lockstep_sweep(void *handle, unsigned int array_id, unsigned int row_no, svBit valid,
                            const svBitVecVal *vm, unsigned long long key, unsigned long long mask,
                            unsigned long long data)
{
    mmu_row_sample_t row = {
        .valid = valid != 0, .row_no = row_no, .vm = *vm, .key = key, .mask = mask, .data = data};
    mmu_lockstep_sweep(handle, array_id, &row);
}
