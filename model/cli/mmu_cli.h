/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * What the subcommands of `lockwalk` share. A command parses its arguments with argp: bad use exits with 2.
 */
#ifndef LOCKWALK_CLI_MMU_CLI_H
#define LOCKWALK_CLI_MMU_CLI_H

/* Exit status. */
enum { MMU_EXIT_GOOD = 0, MMU_EXIT_MISMATCH = 1, MMU_EXIT_USE = 2 };

#define MMU_COMMAND(name, what) int mmu_cmd_##name(int argc, char **argv);
#include "cli/commands.def"
#undef MMU_COMMAND

#endif
