/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0 */
#include "config/mmu_yaml.h"
#include "config/mmu_nearest.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { MOST_KEYS = 16, SHOWN = 40 };

/* A scalar for a message: quoted, printable, not too long. */
static const char *quote(const yaml_node_t *node, char *text, size_t size)
{
    const char *value = (const char *)node->data.scalar.value;
    const size_t length = node->data.scalar.length;
    size_t used = 0;

    assert(size > SHOWN + 6);
    text[used++] = '\'';
    for (size_t i = 0; i < length && i < SHOWN; i++)
        text[used++] = value[i];
    /* Do not end inside of a UTF-8 character. */
    if (length > SHOWN) {
        while (used > 1 && ((unsigned char)text[used - 1] & 0xc0) == 0x80)
            used--;
        if (used > 1 && ((unsigned char)text[used - 1] & 0x80) != 0)
            used--;
        text[used++] = '.';
        text[used++] = '.';
        text[used++] = '.';
    }
    text[used++] = '\'';
    text[used] = '\0';
    for (char *c = text; *c != '\0'; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7f)
            *c = '?';
    return text;
}

static const char *describe(const yaml_node_t *node, char *text, size_t size)
{
    switch (node->type) {
    case YAML_SEQUENCE_NODE:
        return node->data.sequence.items.start == node->data.sequence.items.top ? "an empty list" : "a list";
    case YAML_MAPPING_NODE:
        return "a mapping";
    default:
        if (node->data.scalar.length == 0)
            return "empty";
        if (node->data.scalar.style == YAML_PLAIN_SCALAR_STYLE) {
            quote(node, text, size);
            /* A number needs no quotes. */
            if (text[1 + strspn(text + 1, "0123456789")] == '\'') {
                memmove(text, text + 1, strlen(text));
                text[strlen(text) - 1] = '\0';
            }
            return text;
        }
        memcpy(text, "the text ", 9);
        quote(node, text + 9, size - 9);
        return text;
    }
}

static bool is_plain(const yaml_node_t *node)
{
    return node->type == YAML_SCALAR_NODE && node->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
}

bool mmu_yaml_is(const yaml_node_t *node, const char *word)
{
    return node->type == YAML_SCALAR_NODE && node->data.scalar.length == strlen(word) &&
           memcmp(node->data.scalar.value, word, strlen(word)) == 0;
}

void mmu_yaml_error(const mmu_yaml_t *y, yaml_mark_t at, const char *format, ...)
{
    char text[800];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    mmu_cfg_errors_add(y->errors, "%s:%zu:%zu: error: %s", y->file, at.line + 1, at.column + 1, text);
}

void mmu_yaml_refuse(const mmu_yaml_t *y, const yaml_node_t *node, const char *path, const char *allowed)
{
    char text[80];

    mmu_yaml_error(y, node->start_mark, "%s is %s; allowed: %s", path, describe(node, text, sizeof text),
                   allowed);
}

/* "a, b, c" */
static const char *join(const char *const *words, unsigned count, char *text, size_t size)
{
    size_t used = 0;

    text[0] = '\0';
    for (unsigned i = 0; i < count && used < size; i++)
        used += (size_t)snprintf(text + used, size - used, "%s%s", i > 0 ? ", " : "", words[i]);
    return text;
}

/* The nearest of the words, with "; did you mean 'x'?" or nothing in `text`. */
static const char *hint(const yaml_node_t *node, const char *const *words, unsigned count, char *text,
                        size_t size)
{
    const char *near = NULL;

    text[0] = '\0';
    if (node->type == YAML_SCALAR_NODE)
        near = mmu_nearest((const char *)node->data.scalar.value, words, count);
    if (near != NULL)
        snprintf(text, size, "; did you mean '%s'?", near);
    return near;
}

/* Returns the key that was probably meant, or NULL. */
static const char *refuse_key(const mmu_yaml_t *y, const yaml_node_t *node, const char *path,
                              const mmu_yaml_key_t *key, unsigned count)
{
    const char *names[MOST_KEYS], *near;
    char text[80], all[200], hinted[80];

    for (unsigned i = 0; i < count; i++)
        names[i] = key[i].name;
    near = hint(node, names, count, hinted, sizeof hinted);
    mmu_yaml_error(y, node->start_mark, "%s is not a key of %s; allowed: %s%s",
                   describe(node, text, sizeof text), path, join(names, count, all, sizeof all), hinted);
    return near;
}

bool mmu_yaml_map(const mmu_yaml_t *y, const yaml_node_t *node, const char *path, const char *allowed,
                  const mmu_yaml_key_t *key, unsigned count, const yaml_node_t **value)
{
    size_t first_line[MOST_KEYS];
    bool misspelt[MOST_KEYS] = {false}; /* told once: it is not missing as well */

    assert(count <= MOST_KEYS);
    for (unsigned i = 0; i < count; i++)
        value[i] = NULL;
    if (node->type != YAML_MAPPING_NODE) {
        mmu_yaml_refuse(y, node, path, allowed);
        return false;
    }
    for (yaml_node_pair_t *p = node->data.mapping.pairs.start; p < node->data.mapping.pairs.top; p++) {
        const yaml_node_t *name = yaml_document_get_node(y->document, p->key);
        unsigned i = 0;

        while (i < count && !mmu_yaml_is(name, key[i].name))
            i++;
        if (i == count) {
            const char *meant = refuse_key(y, name, path, key, count);

            for (unsigned j = 0; j < count; j++)
                misspelt[j] = misspelt[j] || key[j].name == meant;
        } else if (value[i] != NULL) {
            mmu_yaml_error(y, name->start_mark, "'%s' is twice in %s; allowed: once (first in line %zu)",
                           key[i].name, path, first_line[i]);
        } else {
            value[i] = yaml_document_get_node(y->document, p->value);
            first_line[i] = name->start_mark.line + 1;
        }
    }
    for (unsigned i = 0; i < count; i++)
        if (key[i].required && value[i] == NULL && !misspelt[i])
            mmu_yaml_error(y, node->start_mark, "%s has no '%s'; allowed: %s", path, key[i].name,
                           key[i].allowed);
    return true;
}

unsigned mmu_yaml_list(const mmu_yaml_t *y, const yaml_node_t *node, const char *path, unsigned min,
                       unsigned max, const char *allowed)
{
    ptrdiff_t items;

    if (node->type != YAML_SEQUENCE_NODE) {
        mmu_yaml_refuse(y, node, path, allowed);
        return 0;
    }
    items = node->data.sequence.items.top - node->data.sequence.items.start;
    if (items >= (ptrdiff_t)min && items <= (ptrdiff_t)max)
        return (unsigned)items;
    mmu_yaml_error(y, node->start_mark, "%s has %td items; allowed: %s", path, items, allowed);
    return 0;
}

const yaml_node_t *mmu_yaml_item(const mmu_yaml_t *y, const yaml_node_t *list, unsigned n)
{
    return yaml_document_get_node(y->document, list->data.sequence.items.start[n]);
}

bool mmu_yaml_number(const mmu_yaml_t *y, const yaml_node_t *node, const char *path, unsigned min,
                     unsigned max, const char *allowed, unsigned *number)
{
    unsigned n = 0;
    bool good = is_plain(node) && node->data.scalar.length > 0 && node->data.scalar.length <= 6;

    /* Decimal only: YAML 1.1 reads 010 as eight, YAML 1.2 as ten, so a leading zero is refused. */
    if (good && node->data.scalar.length > 1 && node->data.scalar.value[0] == '0')
        good = false;
    for (size_t i = 0; good && i < node->data.scalar.length; i++) {
        char c = (char)node->data.scalar.value[i];

        good = c >= '0' && c <= '9';
        n = n * 10 + (unsigned)(c - '0');
    }
    if (!good || n < min || n > max) {
        mmu_yaml_refuse(y, node, path, allowed);
        return false;
    }
    *number = n;
    return true;
}

unsigned mmu_yaml_word(const mmu_yaml_t *y, const yaml_node_t *node, const char *path,
                       const char *const *words, unsigned count)
{
    char all[200], hinted[80], text[80];

    for (unsigned i = 0; i < count; i++)
        if (mmu_yaml_is(node, words[i]))
            return i;
    hint(node, words, count, hinted, sizeof hinted);
    mmu_yaml_error(y, node->start_mark, "%s is %s; allowed: %s%s", path, describe(node, text, sizeof text),
                   join(words, count, all, sizeof all), hinted);
    return count;
}
