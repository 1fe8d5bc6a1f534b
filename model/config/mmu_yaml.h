/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * Reading YAML nodes with errors that a person can act on:
 *     file:line:column: error: path is value; allowed: ...
 * Every function goes on after an error, so that one run tells all of them.
 */
#ifndef LOCKWALK_CONFIG_MMU_YAML_H
#define LOCKWALK_CONFIG_MMU_YAML_H

#include "config/mmu_cfg_rules.h"

#include <yaml.h>

typedef struct {
    yaml_document_t *document;
    const char *file;
    mmu_cfg_errors_t *errors;
} mmu_yaml_t;

typedef struct {
    const char *name;
    bool required;
    const char *allowed; /* for people */
} mmu_yaml_key_t;

void mmu_yaml_error(const mmu_yaml_t *y, yaml_mark_t at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* "path is <what the node is>; allowed: <allowed>" */
void mmu_yaml_refuse(const mmu_yaml_t *y, const yaml_node_t *node, const char *path, const char *allowed);

/* Values of a mapping's keys into value[0 .. count-1], NULL for those that are not there. Unknown, doubled
 * and missing keys are errors. False where the node is no mapping (`allowed` tells what it should be). */
bool mmu_yaml_map(const mmu_yaml_t *y, const yaml_node_t *node, const char *path, const char *allowed,
                  const mmu_yaml_key_t *key, unsigned count, const yaml_node_t **value);

/* Number of items of a list, 0 after an error. */
unsigned mmu_yaml_list(const mmu_yaml_t *y, const yaml_node_t *node, const char *path, unsigned min,
                       unsigned max, const char *allowed);
const yaml_node_t *mmu_yaml_item(const mmu_yaml_t *y, const yaml_node_t *list, unsigned n);

/* A decimal number; false after an error. */
bool mmu_yaml_number(const mmu_yaml_t *y, const yaml_node_t *node, const char *path, unsigned min,
                     unsigned max, const char *allowed, unsigned *number);

/* Index in `words`; count after an error. */
unsigned mmu_yaml_word(const mmu_yaml_t *y, const yaml_node_t *node, const char *path,
                       const char *const *words, unsigned count);

/* True where the node is this plain word. */
bool mmu_yaml_is(const yaml_node_t *node, const char *word);

#endif
