/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * Playing translation vectors (mmu_tv.h): what each access of a world asks of an MMU, and what it must answer. It is
 * the same whoever answers: the architectural model (mmu_vectors_play), or a cycle model or RTL, through the stimulus
 * "vectors" of the environment (mmu_env.h).
 *
 * Each access is played in four steps:
 *
 *     cold    everything flushed, memory as the vector says      the vector: answer and changed words
 *     warm    at once again, on the memory as cold left it       the architectural model on that memory; where
 *                                                                nothing has changed in it, the vector
 *     other   the same address from the other port, as that      the architectural model on that memory
 *             port's kind: a fetch as a load, all else as a fetch
 *     random  memory put back, everything flushed, memory        the vector
 *             answers when it likes; several accesses at once where none of them changes a word
 */
#ifndef LOCKWALK_MMU_VECTORS_H
#define LOCKWALK_MMU_VECTORS_H

#include "lockwalk/mmu_cfg.h"
#include "lockwalk/mmu_tv.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
    MMU_VECTORS_COLD = 0,
    MMU_VECTORS_WARM = 1,
    MMU_VECTORS_OTHER = 2,
    MMU_VECTORS_RANDOM = 3,
    MMU_VECTORS_STEPS = 4
} mmu_vectors_step_e;

/* "cold", "warm", "other_port", "random_latency"; and for people. */
const char *mmu_vectors_step_key(unsigned step);
const char *mmu_vectors_step_name(unsigned step);

/* ---- what is asked (model/tv/vectors_request.c) ----------------------------------------------------- */

/* Whether an MMU of this shape can play the world; cfg NULL: the architectural model. False: `what` is what it cannot,
 * `select` the term of --select that leaves such worlds out. */
bool mmu_vectors_handles(const mmu_tv_world_t *world, const mmu_cfg_t *cfg, char what[200], char select[64]);

/* mmu_format_e: the format that the world is of. */
unsigned mmu_vectors_format(const mmu_tv_world_t *world);

/* The slow registers while the world is played. */
mmu_slow_t mmu_vectors_slow(const mmu_tv_world_t *world);

/* The world's PMP registers, in `file`; NULL where the world has no PMP. */
const mmu_pmp_file_t *mmu_vectors_pmp(const mmu_tv_world_t *world, mmu_pmp_file_t *file);

/* The request of a step, and the port that it belongs to. */
mmu_rq_t mmu_vectors_request(const mmu_tv_world_t *world, const mmu_tv_access_t *access, unsigned step);
unsigned mmu_vectors_port(const mmu_rq_t *rq);

/* ---- memory as a step leaves it (model/tv/vectors_memory.c) ----------------------------------------- */

/* No access changes more words: two updates of each stage, and a few of a wrong model. */
#define MMU_VECTORS_WORDS 16

/* Words written over another memory, which stays as it is. All have the width of the world's words. */
typedef struct {
    mmu_arch_mem_t under;
    struct {
        uint64_t addr;
        uint64_t below;  /* what `under` holds */
        uint64_t before; /* at mmu_vectors_memory_begin */
        uint64_t now;
    } word[MMU_VECTORS_WORDS];
    unsigned words;
} mmu_vectors_memory_t;

/* Only the read of `under` is used. */
void mmu_vectors_memory_init(mmu_vectors_memory_t *memory, mmu_arch_mem_t under);
mmu_arch_mem_t mmu_vectors_memory_mem(mmu_vectors_memory_t *memory);

/* A step begins: changes count from here. */
void mmu_vectors_memory_begin(mmu_vectors_memory_t *memory);

/* Memory is as `under` again. */
void mmu_vectors_memory_forget(mmu_vectors_memory_t *memory);

/* Whether nothing differs from `under`. */
bool mmu_vectors_memory_untouched(const mmu_vectors_memory_t *memory);

/* ---- what is answered (model/tv/vectors_answer.c) --------------------------------------------------- */

/* X86-12: `fault gp` of a vector. */
#define MMU_VECTORS_GP 32u

typedef struct {
    uint64_t pa;                    /* without a fault */
    uint64_t cause;                 /* with a fault */
    unsigned format;                /* mmu_format_e, whose cause it is; of use to people only */
    uint64_t size, pbmt, tval, gpa; /* where `given` says so; size 0: no page */
    unsigned given;                 /* MMU_TV_HAS_PBMT, _SIZE, _TVAL, _GPA */
    bool fault;
    unsigned words; /* changed; those beyond MMU_VECTORS_WORDS are counted but not kept */
    struct {
        uint64_t addr, value;
    } word[MMU_VECTORS_WORDS];
} mmu_vectors_answer_t;

/* Without words. */
void mmu_vectors_answer_of_result(const mmu_arch_result_t *result, mmu_vectors_answer_t *answer);
void mmu_vectors_answer_of_rsp(const mmu_rsp_t *rsp, mmu_vectors_answer_t *answer);

/* Adds a changed word. */
void mmu_vectors_answer_word(mmu_vectors_answer_t *answer, uint64_t addr, uint64_t value);

/* Adds what changed since mmu_vectors_memory_begin. */
void mmu_vectors_answer_changes(mmu_vectors_answer_t *answer, const mmu_vectors_memory_t *memory);

/* What a step must answer. memory: as it is before the step, of which only the read is used; untouched: it is as
 * the vector says. */
void mmu_vectors_expect(const mmu_tv_world_t *world, const mmu_pmp_file_t *pmp, const mmu_tv_access_t *access,
                        unsigned step, const mmu_arch_mem_t *memory, bool untouched,
                        mmu_vectors_answer_t *answer);

/* "pa 0x40000123, size 0x1000, pbmt 0; words changed: 0x80000000 = 0xcf"; details that are not given are left out. */
void mmu_vectors_answer_text(const mmu_vectors_answer_t *answer, char *text, size_t n);

/* What differs: bits. */
enum {
    MMU_VECTORS_OUTCOME = 1, /* a fault where none is expected, or the other way round */
    MMU_VECTORS_PA = 2,
    MMU_VECTORS_SIZE = 4,
    MMU_VECTORS_PBMT = 8,
    MMU_VECTORS_CAUSE = 16,
    MMU_VECTORS_TVAL = 32,
    MMU_VECTORS_GPA = 64,
    MMU_VECTORS_CHANGES = 128,
    MMU_VECTORS_DIFFERENCES = 8 /* how many */
};
const char *mmu_vectors_difference_name(unsigned n); /* of bit n: "outcome", "pa", … */

/* 0: the answer is as expected. */
unsigned mmu_vectors_compare(const mmu_vectors_answer_t *expected, const mmu_vectors_answer_t *got);

/* Kinds of outcome, for counts. */
enum { MMU_VECTORS_OUTCOMES = 16 };
unsigned mmu_vectors_outcome(const mmu_vectors_answer_t *answer);
const char *mmu_vectors_outcome_key(unsigned outcome); /* "load_page_fault" */
const char *mmu_vectors_cause_name(uint64_t cause);    /* of riscv: "load page fault" */
/* Of any format: a fault's name. */
const char *mmu_vectors_fault_name(const mmu_vectors_answer_t *answer);

/* ---- books (model/tv/vectors_book.c) ---------------------------------------------------------------- */

/* A step whose answer differs. */
typedef struct {
    uint64_t world; /* id */
    unsigned world_line, line;
    unsigned access;   /* its number in the world */
    unsigned step;     /* mmu_vectors_step_e */
    unsigned together; /* accesses played at once; the first one has the words of all */
    unsigned differs;
    mmu_vectors_answer_t expected, got;
} mmu_vectors_found_t;

typedef struct {
    uint64_t worlds, accesses;         /* played */
    uint64_t worlds_out, accesses_out; /* left out by the selection */
    uint64_t mismatches;               /* accesses that differ in some step */
    uint64_t words;                    /* that the reference changed */
    uint64_t compared[MMU_VECTORS_STEPS], differ[MMU_VECTORS_STEPS];
    uint64_t outcome[MMU_VECTORS_OUTCOMES]; /* of cold answers */
} mmu_vectors_counts_t;

void mmu_vectors_counts_add(mmu_vectors_counts_t *total, const mmu_vectors_counts_t *counts);

/* Every step of every kind has been compared, and none differed. */
bool mmu_vectors_counts_good(const mmu_vectors_counts_t *counts);

/* Who hears of the first step of an access that differs, and of the end of each file. */
typedef struct {
    void (*found)(void *user, unsigned file, const mmu_vectors_found_t *found);
    void (*file_done)(void *user, unsigned file, const mmu_vectors_counts_t *counts);
    void *user;
} mmu_vectors_sink_t;

typedef struct {
    mmu_vectors_counts_t counts; /* of the file */
    const mmu_vectors_sink_t *sink;
    unsigned file;
    bool *told; /* by access of the world */
    unsigned room;
} mmu_vectors_book_t;

/* False: out of memory. */
bool mmu_vectors_book_world(mmu_vectors_book_t *book, const mmu_tv_world_t *world);
void mmu_vectors_book_left_out(mmu_vectors_book_t *book, const mmu_tv_world_t *world);

/* Compares, counts and tells; what differs. */
unsigned mmu_vectors_book_step(mmu_vectors_book_t *book, const mmu_tv_world_t *world,
                               const mmu_tv_access_t *access, unsigned step, unsigned together,
                               const mmu_vectors_answer_t *expected, const mmu_vectors_answer_t *got);
void mmu_vectors_book_file(mmu_vectors_book_t *book); /* tells its counts, and begins the next */
void mmu_vectors_book_free(mmu_vectors_book_t *book);

/* ---- without clocks (model/tv/vectors_play.c) ------------------------------------------------------- */

/* Who answers; NULL in mmu_vectors_play: the architectural model. */
typedef void mmu_vectors_translate_t(void *user, const mmu_arch_mem_t *mem, const mmu_pmp_file_t *pmp,
                                     const mmu_rq_t *rq, const mmu_slow_t *slow, mmu_arch_result_t *result);

/* Plays a world in the image, which it loads. False: out of memory. */
bool mmu_vectors_play(const mmu_tv_world_t *world, mmu_tv_image_t *image, mmu_vectors_translate_t *translate,
                      void *user, mmu_vectors_book_t *book);

/* What the architectural model does in one step, as mmu_vectors_play would come to it: the memory is that of the
 * vectors. False: out of memory. */
bool mmu_vectors_trail(const mmu_tv_world_t *world, mmu_tv_image_t *image, unsigned access, unsigned step,
                       mmu_arch_result_t *result, mmu_arch_trail_t *trail);

#ifdef __cplusplus
}
#endif
#endif
