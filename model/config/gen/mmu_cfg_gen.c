/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * Prints rtl/mmu_cfg_pkg.sv: the list of fields as SystemVerilog functions. Rules: CFG-1.
 */
#include "lockwalk/mmu_config.h"

#include <stdio.h>

/* Names of a field's function, its index arguments, and the index in neighbours. */
static const char *const prefix[] = {"cfg_", "cfg_", "cfg_array_", "cfg_pwc_", "cfg_gpwc_"};
static const char *const arguments[] = {
    "",
    "input int unsigned port",
    "input int unsigned level,\n@input int unsigned k",
    "input int unsigned k",
    "input int unsigned k",
};
static const char *const index_text[] = {"", "port", "(level * 3 + k)", "k", "k"};

_Static_assert(MMU_ARRAYS == 3, "the index of [level][k] is written out above");

static void print_function(const mmu_cfg_field_t *f)
{
    char head[80];
    int indent =
        snprintf(head, sizeof head, "  function automatic int unsigned %s%s(", prefix[f->in], f->name);

    printf("\n  // %u bit%s%s, %u to %u\n", f->width, f->width == 1 ? "" : "s", f->count > 1 ? " each" : "",
           f->min, f->max);
    printf("%sinput logic [CfgW-1:0] cfg", head);
    if (f->count > 1) {
        printf(",\n%*s", indent, "");
        for (const char *c = arguments[f->in]; *c != '\0'; c++)
            if (*c == '@')
                printf("%*s", indent, "");
            else
                putchar(*c);
    }
    /* A shift, not a part select: Verilator would call the other bits of the argument unused. */
    printf(");\n    %s%s = {%u'd0, %u'(cfg >> ", prefix[f->in], f->name, 32u - f->width, f->width);
    if (f->count > 1)
        printf("(%u + %s * %u))};\n", f->base, index_text[f->in], f->width);
    else
        printf("%u)};\n", f->base);
    printf("  endfunction\n");
}

int main(void)
{
    mmu_cfg_t tiny;
    mmu_cfg_errors_t errors;
    char hex[MMU_CFG_HEX_SIZE];

    if (!mmu_cfg_load("tiny", &tiny, NULL, &errors)) {
        fputs(errors.text, stderr);
        return 1;
    }
    mmu_cfg_to_hex(&tiny, hex);
    printf(
        "// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0\n"
        "//\n"
        "// The configuration as RTL sees it: one packed vector, and what it says.\n"
        "// Generated from model/config/mmu_cfg_fields.def by `cmake --build build --target mmu-cfg-pkg`:\n"
        "// do not edit. Twin: model/config/mmu_cfg_pack.c. Rules: docs/microarchitecture.md, CFG.\n"
        "package mmu_cfg_pkg;\n"
        "\n"
        "  localparam int unsigned CfgW = %d;\n"
        "\n"
        "  // Version of the layout; a vector of another one is refused at elaboration (mmu.sv).\n"
        "  localparam int unsigned CfgVersion = %d;\n"
        "\n"
        "  // Preset `tiny`, so that every module elaborates on its own.\n"
        "  localparam logic [CfgW-1:0] CfgDefault =\n"
        "    %d'h%s;\n",
        MMU_CFG_BITS, MMU_CFG_VERSION, MMU_CFG_BITS, hex);
    for (unsigned n = 0; mmu_cfg_field(n) != NULL; n++)
        print_function(mmu_cfg_field(n));
    printf("\nendpackage\n");
    return 0;
}
