/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * The weights as users set them: defaults, then a profile, then a file, then single settings.
 */
#include "config/mmu_nearest.h"
#include "config/mmu_yaml.h"
#include "env/random.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

static const mmu_random_weight_t table[MMU_WEIGHTS] = {
#define MMU_WEIGHT(group, name, def, min, max, phase, text) {#group "." #name, def, min, max, phase, text},
#include "env/random_weights.def"
#undef MMU_WEIGHT
};

static const mmu_random_profile_t profiles[] = {
    {"default", "a mix of everything", ""},
    {"calm", "hits, misses and walks, next to no disturbance",
     "fence.rate=1 fence.aim=0 fence.at_response=0 fence.at_swap=0 kill.rate=0 kill.aim=0 write.rate=1 "
     "remap.rate=1 "
     "answer.error=0 stall.rate=2 answer.late=1 ctx.change=3 port.burst=70 va.noncanonical=0 va.wild=0 "
     "world.clean=90 ctx.rebind=0 reset.rate=0"},
    {"fences", "fences of all forms on everything that moves, entries that change under them",
     "fence.rate=15 fence.aim=25 fence.at_response=8 fence.at_swap=25 remap.rate=15 remap.fence=85 "
     "write.rate=6 "
     "write.fence=70 kill.rate=1 answer.error=1 world.clean=60 ctx.rebind=8"},
    {"kills", "kills at every moment, late answers that reach nobody",
     "kill.rate=25 kill.aim=30 answer.soon=60 answer.late=10 fence.rate=2 world.clean=50"},
    {"storm", "everything at once",
     "fence.rate=40 fence.aim=15 fence.at_response=5 fence.at_swap=20 kill.rate=25 kill.aim=15 write.rate=15 "
     "remap.rate=15 write.race=40 ctx.change=60 ctx.sum=60 ctx.mxr=60 priv.change=50 answer.soon=60 "
     "answer.late=10 "
     "answer.error=20 stall.rate=80 port.rate=90 slow.drain=10 reset.rate=40"},
    {"faults", "entries that must not be used, addresses that lead nowhere, errors of the memory",
     "world.clean=0 entry.pointer0=10 entry.zero=5 entry.invalid=12 entry.reserved=10 entry.w_without_r=10 "
     "entry.misaligned=10 entry.pointer_bits=8 entry.pointer_out=8 entry.loop=8 entry.napot_bad=10 "
     "entry.pbmt_reserved=8 va.noncanonical=10 va.wild=5 answer.error=60"},
    {"hits",
     "streams of hits, one a clock, across context changes, in working sets that just fit or just do not",
     "port.burst=200 port.gap=2 port.steady=30 port.rate=100 va.pages=80 world.clean=80 fence.rate=1 "
     "fence.aim=1 "
     "kill.rate=1 kill.aim=1 answer.error=0 ctx.change=25 ctx.sum=25 ctx.mxr=25 reset.rate=0"},
    {"swaps", "accessed and dirty bits that the hardware sets while others change the word",
     "leaf.accessed=30 leaf.dirty=20 slow.adue=90 write.race=50 fence.at_swap=30 acc.store=70 "
     "world.rebuild=90 "
     "phase.min=400 phase.max=1500 slow.drain=30 remap.rate=15 write.rate=10"},
    {"spaces", "many address spaces that share and alias pages, all kinds of fences by ASID",
     "space.count=16 space.alias=40 ctx.change=60 va.global=40 fence.rate=10 fence.asid=50 fence.va_asid=50 "
     "va.pages=24 world.clean=60 slow.drain=12 slow.rebind=60 ctx.rebind=10"},
    {"guests",
     "virtual machines: both stages, V from request to request, fences of every kind at every step of a walk",
     "virt.share=90 virt.change=35 virt.bare=15 virt.rebind=4 virt.rebind_space=6 virt.hlv=35 virt.hlvx=20 "
     "fence.rate=10 fence.at_vs_read=4 fence.at_g_read=4 fence.at_update=40 fence.kind_s=8 fence.posted=35 "
     "remap.rate=8 write.rate=6 write.guest=90 world.clean=50 va.pages=60 gleaf.dirty=50 slow.drain=8"},
};

const mmu_random_weight_t *mmu_random_weight(unsigned n)
{
    return n < MMU_WEIGHTS ? &table[n] : NULL;
}

const mmu_random_profile_t *mmu_random_profile(unsigned n)
{
    return n < sizeof profiles / sizeof profiles[0] ? &profiles[n] : NULL;
}

/* ---- one setting ----------------------------------------------------------------------------- */

static unsigned find_weight(const char *name, char *err, size_t n)
{
    const char *names[MMU_WEIGHTS];
    const char *near;

    for (unsigned i = 0; i < MMU_WEIGHTS; i++) {
        names[i] = table[i].name;
        if (strcmp(name, names[i]) == 0)
            return i;
    }
    near = mmu_nearest(name, names, MMU_WEIGHTS);
    if (near != NULL)
        snprintf(err, n, "'%.60s' is not a weight; did you mean '%s'?", name, near);
    else
        snprintf(err, n, "'%.60s' is not a weight; see --list-weights", name);
    return MMU_WEIGHTS;
}

static bool set_value(mmu_weights_t *weights, unsigned i, const char *text, char *err, size_t n)
{
    int64_t value = 0;
    bool good = *text != '\0';

    for (const char *c = text; good && *c != '\0'; c++) {
        good = *c >= '0' && *c <= '9' && value <= INT32_MAX;
        value = value * 10 + (*c - '0');
    }
    if (!good || value < table[i].min || value > table[i].max) {
        snprintf(err, n, "%s is '%.40s'; allowed: %" PRId32 " to %" PRId32, table[i].name, text, table[i].min,
                 table[i].max);
        return false;
    }
    weights->value[i] = (int32_t)value;
    return true;
}

bool mmu_weights_set(mmu_weights_t *weights, const char *setting, char *err, size_t n)
{
    char name[64];
    const char *equals = strchr(setting, '=');
    size_t length = equals != NULL ? (size_t)(equals - setting) : 0;
    unsigned i;

    if (equals == NULL || length == 0 || length >= sizeof name) {
        snprintf(err, n, "'%.60s'; expected NAME=VALUE, for instance fence.rate=20", setting);
        return false;
    }
    memcpy(name, setting, length);
    name[length] = '\0';
    i = find_weight(name, err, n);
    return i < MMU_WEIGHTS && set_value(weights, i, equals + 1, err, n);
}

static bool set_profile(mmu_weights_t *weights, const char *name, char *err, size_t n)
{
    const char *names[sizeof profiles / sizeof profiles[0]];
    unsigned count = sizeof profiles / sizeof profiles[0];
    const char *near;

    for (unsigned i = 0; i < count; i++) {
        char settings[1024], *rest = NULL;

        names[i] = profiles[i].name;
        if (strcmp(name, names[i]) != 0)
            continue;
        snprintf(settings, sizeof settings, "%s", profiles[i].settings);
        for (char *s = strtok_r(settings, " ", &rest); s != NULL; s = strtok_r(NULL, " ", &rest))
            if (!mmu_weights_set(weights, s, err, n))
                return false;
        return true;
    }
    near = mmu_nearest(name, names, count);
    snprintf(err, n, "'%.40s' is not a profile; %s%s%s", name,
             near != NULL ? "did you mean '" : "see --list-weights", near != NULL ? near : "",
             near != NULL ? "'?" : "");
    return false;
}

/* ---- a file ---------------------------------------------------------------------------------- */

static void set_node(const mmu_yaml_t *y, mmu_weights_t *weights, const char *group, const yaml_node_t *key,
                     const yaml_node_t *value)
{
    char name[128], err[256];
    unsigned i;

    if (key->type != YAML_SCALAR_NODE) {
        mmu_yaml_refuse(y, key, "a key", "a group or a weight");
        return;
    }
    snprintf(name, sizeof name, "%s%s%.60s", group, *group != '\0' ? "." : "",
             (const char *)key->data.scalar.value);
    if (value->type == YAML_MAPPING_NODE && *group == '\0') {
        for (yaml_node_pair_t *p = value->data.mapping.pairs.start; p < value->data.mapping.pairs.top; p++)
            set_node(y, weights, name, yaml_document_get_node(y->document, p->key),
                     yaml_document_get_node(y->document, p->value));
        return;
    }
    i = find_weight(name, err, sizeof err);
    if (i == MMU_WEIGHTS) {
        mmu_yaml_error(y, key->start_mark, "%s", err);
        return;
    }
    if (value->type != YAML_SCALAR_NODE) {
        snprintf(err, sizeof err, "%" PRId32 " to %" PRId32, table[i].min, table[i].max);
        mmu_yaml_refuse(y, value, name, err);
    } else if (!set_value(weights, i, (const char *)value->data.scalar.value, err, sizeof err)) {
        mmu_yaml_error(y, value->start_mark, "%s", err);
    }
}

static bool set_file(mmu_weights_t *weights, const char *path, char *err, size_t n)
{
    mmu_cfg_errors_t errors = {0};
    yaml_parser_t parser;
    yaml_document_t document;
    FILE *file = fopen(path, "rb");

    if (file == NULL) {
        snprintf(err, n, "cannot open '%s': %s", path, strerror(errno));
        return false;
    }
    if (yaml_parser_initialize(&parser) == 0) {
        fclose(file);
        snprintf(err, n, "no memory");
        return false;
    }
    yaml_parser_set_input_file(&parser, file);
    if (yaml_parser_load(&parser, &document) == 0) {
        snprintf(err, n, "%s:%zu:%zu: error: %s", path, parser.problem_mark.line + 1,
                 parser.problem_mark.column + 1, parser.problem != NULL ? parser.problem : "not YAML");
        errors.count = 1;
    } else {
        mmu_yaml_t y = {.document = &document, .file = path, .errors = &errors};
        const yaml_node_t *root = yaml_document_get_root_node(&document);

        if (root != NULL && root->type != YAML_MAPPING_NODE)
            mmu_yaml_refuse(&y, root, "the file", "groups of weights, for instance 'fence: {rate: 20}'");
        else if (root != NULL)
            for (yaml_node_pair_t *p = root->data.mapping.pairs.start; p < root->data.mapping.pairs.top; p++)
                set_node(&y, weights, "", yaml_document_get_node(&document, p->key),
                         yaml_document_get_node(&document, p->value));
        if (errors.count > 0) {
            /* The first one; an error is one sentence. */
            snprintf(err, n, "%.*s", (int)strcspn(errors.text, "\n") & 0x1ff, errors.text);
        }
        yaml_document_delete(&document);
    }
    yaml_parser_delete(&parser);
    fclose(file);
    return errors.count == 0;
}

/* ---- all together ---------------------------------------------------------------------------- */

static bool some_mode(const mmu_weights_t *weights)
{
    return weights->value[MMU_W_mode_sv32] + weights->value[MMU_W_mode_sv39] +
               weights->value[MMU_W_mode_sv48] + weights->value[MMU_W_mode_sv57] >
           0;
}

bool mmu_weights_load(mmu_weights_t *weights, const mmu_random_options_t *opt, char *err, size_t n)
{
    char why[512];

    for (unsigned i = 0; i < MMU_WEIGHTS; i++)
        weights->value[i] = table[i].def;
    if (opt->profile != NULL && !set_profile(weights, opt->profile, why, sizeof why)) {
        snprintf(err, n, "--profile: %s", why);
        return false;
    }
    if (opt->weights_file != NULL && !set_file(weights, opt->weights_file, why, sizeof why)) {
        snprintf(err, n, "%s", why);
        return false;
    }
    for (unsigned i = 0; i < opt->weights; i++)
        if (!mmu_weights_set(weights, opt->weight[i], why, sizeof why)) {
            snprintf(err, n, "--weight: %s", why);
            return false;
        }
    if (weights->value[MMU_W_phase_max] < weights->value[MMU_W_phase_min]) {
        snprintf(err, n, "phase.max is %" PRId32 "; allowed: at least phase.min, %" PRId32,
                 weights->value[MMU_W_phase_max], weights->value[MMU_W_phase_min]);
        return false;
    }
    if (!some_mode(weights)) {
        snprintf(err, n, "mode.sv32, mode.sv39, mode.sv48 and mode.sv57 are all 0; at least one must not be");
        return false;
    }
    return true;
}
