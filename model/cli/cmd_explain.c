/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * `lockwalk explain`: one translation in the world of a vector file, told step by step.
 */
#include "cli/explain.h"
#include "cli/mmu_cli.h"
#include "config/mmu_nearest.h"

#include <argp.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    const char *world_text; /* FILE:ID as it was given */
    char *file;
    uint64_t id;
    unsigned number; /* --access, from 1; 0: PRIV TYPE VA say it */
    uint64_t len;    /* 0: not given */
    bool json;
    unsigned words; /* of PRIV TYPE VA */
    uint8_t priv, type;
    uint64_t va;
} args_t;

__attribute__((format(printf, 1, 2))) static bool fail(const char *format, ...)
{
    va_list list;

    fflush(stdout);
    fputs("lockwalk explain: ", stderr);
    va_start(list, format);
    vfprintf(stderr, format, list);
    va_end(list);
    fputc('\n', stderr);
    return false;
}

/* ---- the world ---------------------------------------------------------------------------------------- */

/* False: there is none, and the error is told. */
static bool find_world(const args_t *args, mmu_tv_t *tv, const mmu_tv_world_t **world)
{
    mmu_tv_err_t err;
    uint64_t first = 0, last = 0;
    unsigned count = 0;
    int got;

    while ((got = mmu_tv_next(tv, world, &err)) > 0) {
        if ((*world)->id == args->id)
            return true;
        first = count++ == 0 ? (*world)->id : first;
        last = (*world)->id;
    }
    if (got < 0)
        return fail("%s", err.text);
    if (count == 0)
        return fail("%s: found no world, expected number 0x%" PRIx64 " of --world", args->file, args->id);
    return fail("%s: found no world 0x%" PRIx64 ", expected one of its %u (0x%" PRIx64 " to 0x%" PRIx64 ")",
                args->file, args->id, count, first, last);
}

/* Bytes: the format leaves out a length of 1. */
static uint64_t length(uint64_t len)
{
    return len == 0 ? 1 : len;
}

static bool same_access(const mmu_tv_access_t *a, const mmu_tv_access_t *b, bool any_len)
{
    return a->priv == b->priv && a->type == b->type && a->va == b->va &&
           (any_len || length(a->len) == length(b->len));
}

/* What is asked, and the world's access that is the same. */
static bool choose_access(const args_t *args, mmu_explain_t *e)
{
    const mmu_tv_world_t *w = e->world;

    if (args->number != 0) {
        if (args->number > w->accesses)
            return fail("--access: found %u, expected 1 to %u, the accesses of world 0x%" PRIx64 " of %s",
                        args->number, w->accesses, w->id, args->file);
        e->numbered = true;
        e->after = args->number - 1;
        e->access = w->access[e->after];
        if (args->words != 0 &&
            (e->access.priv != args->priv || e->access.type != args->type || e->access.va != args->va))
            return fail("--access %u of world 0x%" PRIx64 " of %s is %s %s 0x%" PRIx64
                        "; found %s %s 0x%" PRIx64 " as well, expected that or nothing",
                        args->number, w->id, args->file, mmu_explain_privs[e->access.priv],
                        mmu_explain_types[e->access.type], e->access.va, mmu_explain_privs[args->priv],
                        mmu_explain_types[args->type], args->va);
        if (args->len != 0)
            return fail("--len: found with --access, expected without: the world says the length");
        e->reference = args->number;
        return true;
    }
    e->access = (mmu_tv_access_t){.priv = args->priv, .type = args->type, .va = args->va, .len = args->len};
    for (unsigned i = w->accesses; i-- > 0;)
        if (same_access(&w->access[i], &e->access, args->len == 0))
            e->reference = i + 1;
    if (e->reference != 0)
        e->access.len = w->access[e->reference - 1].len;
    return true;
}

/* What the isa has not: the vector format's rule for `a`. */
static bool access_fits(const args_t *args, const mmu_explain_t *e)
{
    const uint64_t isa = e->world->key[MMU_TV_ISA];
    const bool x86 = isa == MMU_TV_X86 || isa == MMU_TV_X86_64;
    char buf[24];

    if (x86 && e->access.priv == MMU_TV_PRIV_M)
        return fail("PRIV: found 'M', expected U or S in world 0x%" PRIx64 " of %s, isa=%s", e->world->id,
                    args->file, mmu_tv_value(MMU_TV_ISA, isa, buf));
    if ((x86 && e->access.type == MMU_TV_LOAD_X) ||
        (isa != MMU_TV_CLASSIC && e->access.type == MMU_TV_APPEND))
        return fail("TYPE: found '%s', expected %s in world 0x%" PRIx64 " of %s, isa=%s",
                    mmu_explain_types[e->access.type], x86 ? "R, W or X" : "R, W, X or RX", e->world->id,
                    args->file, mmu_tv_value(MMU_TV_ISA, isa, buf));
    return true;
}

/* ---- the translation ---------------------------------------------------------------------------------- */

static void translate(mmu_explain_t *e, mmu_tv_image_t *image)
{
    const mmu_arch_mem_t mem = mmu_tv_image_mem(image);
    const mmu_tv_change_t *change;
    unsigned changes;

    for (unsigned i = 0; i < e->after; i++)
        mmu_tv_image_settle(image, e->world, &e->world->access[i]);
    e->pmp = mmu_vectors_pmp(e->world, &e->pmp_file);
    e->rq = mmu_vectors_request(e->world, &e->access, MMU_VECTORS_COLD);
    e->slow = mmu_vectors_slow(e->world);
    mmu_arch_translate_pmp(&mem, e->pmp, &e->rq, &e->slow, &e->result, &e->trail);
    mmu_vectors_answer_of_result(&e->result, &e->answer);
    e->answer.format = e->slow.format;
    changes = mmu_tv_image_changes(image, &change);
    for (unsigned i = 0; i < changes; i++)
        mmu_vectors_answer_word(&e->answer, change[i].addr, change[i].after);
    if (e->reference == 0)
        return;
    mmu_vectors_expect(e->world, e->pmp, &e->world->access[e->reference - 1], MMU_VECTORS_COLD, &mem, false,
                       &e->expected);
    e->expected.format = e->slow.format;
    e->differs = mmu_vectors_compare(&e->expected, &e->answer);
    e->same_memory = true;
    for (unsigned i = e->after; i + 1 < e->reference; i++)
        e->same_memory = e->same_memory && e->world->access[i].updates == 0;
}

static int explain(const args_t *args, const mmu_tv_world_t *world, mmu_tv_image_t *image)
{
    mmu_explain_t e = {.world = world};

    if (!choose_access(args, &e) || !access_fits(args, &e))
        return MMU_EXIT_USE;
    if (!mmu_tv_image_load(image, world)) {
        fail("out of memory");
        return MMU_EXIT_USE;
    }
    translate(&e, image);
    if (args->json) {
        json_t *json = mmu_explain_json(&e);

        json_dumpf(json, stdout, JSON_INDENT(2));
        putchar('\n');
        json_decref(json);
    } else {
        mmu_explain_print(&e, stdout);
    }
    return e.differs != 0 && e.same_memory ? MMU_EXIT_MISMATCH : MMU_EXIT_GOOD;
}

static int run(const args_t *args)
{
    mmu_tv_err_t err;
    const mmu_tv_world_t *world;
    mmu_tv_t *tv = mmu_tv_open(args->file, &err);
    mmu_tv_image_t *image = mmu_tv_image_new();
    int status = MMU_EXIT_USE;

    if (tv == NULL)
        fail("%s", err.text);
    else if (image == NULL)
        fail("out of memory");
    else if (find_world(args, tv, &world))
        status = explain(args, world, image);
    mmu_tv_image_free(image);
    mmu_tv_close(tv);
    return status;
}

/* ---- command line ------------------------------------------------------------------------------------- */

static const char doc[] =
    "Tells one translation in the world of a vector file (.tv, plain or gzip; tests/vectors/FORMAT.md) step "
    "by step: the "
    "registers in words, each page-table word with its fields and the rule that let it pass or stopped it, "
    "both stages "
    "nested, physical protection, updates of A and D, the result as the format writes it, and whether the "
    "reference "
    "says the same."
    "\v"
    "PRIV is U, S or M (in a virtual machine U and S are VU and VS), TYPE is R, W, X, RX (HLVX) or A "
    "(append, in "
    "classical worlds), VA a "
    "number. "
    "Memory is as the world begins; with --access N it is as the accesses before the Nth left it.\n"
    "\n"
    "Examples:\n"
    "  lockwalk explain --world tests/vectors/sv39.tv.gz:0x0 S R 0x12345678\n"
    "  lockwalk explain --world tests/vectors/twostage.tv.gz:0x3 --access 1\n"
    "  lockwalk explain --world tests/vectors/pmp.tv.gz:7 --access 12 --json\n"
    "  lockwalk explain --world tests/vectors/pml4.tv.gz:0 --access 1\n"
    "  lockwalk explain --world my.tv:1 --len 8 U W 0x1000\n"
    "\n"
    "Exit status: 0 told, 1 told and the reference says something else of the same memory, 2 bad use or bad "
    "input.";

enum { KEY_LEN = 256 };

static const struct argp_option options[] = {
    {"world", 'w', "FILE:ID", 0, "the world: a vector file and the world's number in it", 0},
    {"access", 'a', "N", 0, "the world's Nth access, from 1; PRIV TYPE VA may then be left out", 0},
    {"len", KEY_LEN, "N", 0,
     "bytes accessed, 1 to 128, a power of two; matters to PMP only (default: the world's, or 1)", 0},
    {"json", 'j', NULL, 0, "print as JSON", 0},
    {NULL, 0, NULL, 0, NULL, 0}};

/* A number as the vector format writes it: 0x and hexadecimal digits, or decimal digits. */
static bool number(const char *text, uint64_t *value)
{
    const bool hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
    const char *digits = hex ? text + 2 : text;
    unsigned long long n = 0;

    if (*digits == '\0')
        return false;
    for (const char *c = digits; *c != '\0'; c++) {
        const char *all = "0123456789abcdef";
        const char *at = strchr(all, *c >= 'A' && *c <= 'F' ? *c - 'A' + 'a' : *c);
        const unsigned base = hex ? 16 : 10;
        const unsigned digit = at == NULL ? base : (unsigned)(at - all);

        if (digit >= base || n > (UINT64_MAX - digit) / base)
            return false;
        n = n * base + digit;
    }
    *value = n;
    return true;
}

static void set_world(args_t *args, struct argp_state *state, const char *arg)
{
    const char *colon = strrchr(arg, ':');

    if (args->file != NULL)
        argp_failure(state, MMU_EXIT_USE, 0, "--world: found twice, expected one FILE:ID");
    if (colon == NULL || colon == arg || !number(colon + 1, &args->id))
        argp_failure(state, MMU_EXIT_USE, 0,
                     "--world: found '%s', expected FILE:ID, ID the world's number as in FILE.tv.gz:0x1f",
                     arg);
    args->file = strndup(arg, (size_t)(colon - arg));
    if (args->file == NULL)
        argp_failure(state, MMU_EXIT_USE, 0, "out of memory");
}

static uint64_t ranged(struct argp_state *state, const char *option, const char *arg, uint64_t max)
{
    uint64_t n;

    if (!number(arg, &n) || n == 0 || n > max)
        argp_failure(state, MMU_EXIT_USE, 0, "%s: found '%s', expected 1 to %" PRIu64, option, arg, max);
    return n;
}

/* The number of a word of the vector format. */
static uint8_t word_of(struct argp_state *state, const char *what, const char *arg, const char *const *words,
                       uint8_t count, const char *expected)
{
    for (uint8_t i = 0; i < count; i++)
        if (words[i][0] != '\0' && strcmp(arg, words[i]) == 0)
            return i;
    argp_failure(state, MMU_EXIT_USE, 0, "%s: found '%s', expected %s", what, arg, expected);
    return 0;
}

static void set_word(args_t *args, struct argp_state *state, const char *arg)
{
    switch (args->words++) {
    case 0:
        args->priv = word_of(state, "PRIV", arg, mmu_explain_privs, 4, "U, S or M");
        break;
    case 1:
        args->type = word_of(state, "TYPE", arg, mmu_explain_types, 5, "R, W, X, RX or A");
        break;
    case 2:
        if (!number(arg, &args->va))
            argp_failure(state, MMU_EXIT_USE, 0,
                         "VA: found '%s', expected a number of 64 bits, such as 0x80001234", arg);
        break;
    default:
        argp_failure(state, MMU_EXIT_USE, 0, "found '%s' after PRIV TYPE VA, expected nothing", arg);
    }
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
    args_t *args = state->input;

    switch (key) {
    case 'w':
        set_world(args, state, arg);
        return 0;
    case 'a':
        args->number = (unsigned)ranged(state, "--access", arg, UINT32_MAX);
        return 0;
    case KEY_LEN:
        args->len = ranged(state, "--len", arg, 128);
        if ((args->len & (args->len - 1)) != 0)
            argp_failure(state, MMU_EXIT_USE, 0, "--len: found '%s', expected a power of two", arg);
        return 0;
    case 'j':
        args->json = true;
        return 0;
    case ARGP_KEY_ARG:
        set_word(args, state, arg);
        return 0;
    case ARGP_KEY_END:
        if (args->file == NULL)
            argp_error(state, "expected --world FILE:ID");
        if (args->words == 0 && args->number == 0)
            argp_error(state, "expected PRIV TYPE VA, or --access N");
        if (args->words != 0 && args->words != 3)
            argp_error(state, "found %u of PRIV TYPE VA, expected all three", args->words);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

int mmu_cmd_explain(int argc, char **argv)
{
    static const struct argp argp = {
        .options = options, .parser = parse_option, .args_doc = "--world FILE:ID PRIV TYPE VA", .doc = doc};
    args_t args = {0};
    int status;

    argp_parse(&argp, argc, argv, 0, NULL, &args);
    status = run(&args);
    free(args.file);
    return status;
}
