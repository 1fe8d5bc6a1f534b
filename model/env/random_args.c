/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * The command line of the random stimulus, a child parser of the environment's (mmu_env_args.c).
 */
#include "env/random.h"

#include <argp.h>
#include <inttypes.h>
#include <stdlib.h>

enum { KEY_PROFILE = 0x2000, KEY_WEIGHTS, KEY_WEIGHT, KEY_LIST, KEY_RECORD, KEY_REPLAY };

static const struct argp_option options[] = {
    {"profile", KEY_PROFILE, "NAME", 0, "A named set of weights: default, calm, fences, kills, storm, ...",
     0},
    {"weights", KEY_WEIGHTS, "FILE", 0, "Weights from a YAML file, over those of the profile", 0},
    {"weight", KEY_WEIGHT, "NAME=VALUE", 0, "One weight, over those of the file; may be given often", 0},
    {"list-weights", KEY_LIST, NULL, 0, "Print all weights and profiles, and exit", 0},
    {"record", KEY_RECORD, "FILE", 0, "Write the operations to a file", 0},
    {"replay", KEY_REPLAY, "FILE", 0, "Play the operations of a file again", 0},
    {0}};

static void list(void)
{
    const mmu_random_weight_t *w;
    const mmu_random_profile_t *p;

    printf("Weights: name, default, range, meaning. * is scaled anew in every phase of a run.\n");
    for (unsigned i = 0; (w = mmu_random_weight(i)) != NULL; i++)
        printf("  %-20s %5" PRId32 "  %5" PRId32 "..%-8" PRId32 "%c %s\n", w->name, w->def, w->min, w->max,
               w->phase ? '*' : ' ', w->text);
    printf("\nProfiles:\n");
    for (unsigned i = 0; (p = mmu_random_profile(i)) != NULL; i++)
        printf("  %-10s %s\n", p->name, p->text);
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    mmu_random_options_t *opt = state->input;
    mmu_weights_t weights;
    char err[512];

    switch (key) {
    case KEY_PROFILE:
        opt->profile = arg;
        return 0;
    case KEY_WEIGHTS:
        opt->weights_file = arg;
        return 0;
    case KEY_WEIGHT:
        if (opt->weights == MMU_RANDOM_WEIGHT_OPTIONS)
            argp_error(state, "--weight: more than %d; use --weights FILE", MMU_RANDOM_WEIGHT_OPTIONS);
        opt->weight[opt->weights++] = arg;
        return 0;
    case KEY_LIST:
        list();
        exit(0);
    case KEY_RECORD:
        opt->record = arg;
        return 0;
    case KEY_REPLAY:
        opt->replay = arg;
        return 0;
    case ARGP_KEY_END:
        if (!mmu_weights_load(&weights, opt, err, sizeof err))
            argp_error(state, "%s", err);
        if (opt->replay != NULL && (opt->profile != NULL || opt->weights_file != NULL || opt->weights > 0))
            argp_error(
                state,
                "--replay: the operations are fixed; --profile, --weights and --weight change nothing");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

const struct argp mmu_random_argp = {.options = options, .parser = parse};
