/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * What a reader of one format is, and what it may use: the file's bytes in a buffer, lines of text, numbers, a queue
 * for lines that hold several accesses, counters of what is no access, and sentences about bad input.
 *
 * A format is a file format_NAME.c and a line in mmu_trace_formats.def.
 */
#ifndef LOCKWALK_TRACE_MMU_TRACE_FORMAT_H
#define LOCKWALK_TRACE_MMU_TRACE_FORMAT_H

#include "lockwalk/mmu_trace.h"
#include "trace/mmu_input.h"

#define MMU_TRACE_BUFFER ((size_t)1 << 17) /* also the longest line */
#define MMU_TRACE_NOTES 8                  /* kinds of lines that are no accesses */
#define MMU_TRACE_MAX_SIZE 4096u

typedef struct {
    const char *name; /* for --format */
    const char *what; /* in words, for lists */
    /* Is this the beginning of such a file? n bytes of it; whole lines where it is text, but the last. */
    bool (*probe)(const char *bytes, size_t n);
    /* As mmu_trace_read. At an error it calls mmu_trace_fail_... and returns what it had. */
    size_t (*read)(mmu_trace_t *trace, mmu_access_t *to, size_t room);
    /* The rest may be NULL. */
    bool (*open)(mmu_trace_t *trace);              /* false: mmu_trace_fail_... was called */
    bool (*seek)(mmu_trace_t *trace, uint64_t to); /* anywhere, if it can; false: failed */
    void (*close)(mmu_trace_t *trace);
    bool binary; /* records have bytes, not lines */
} mmu_trace_format_t;

typedef struct {
    const char *what;
    uint64_t count;
} mmu_trace_note_t;

struct mmu_trace {
    const mmu_trace_format_t *format; /* NULL: an empty file */
    mmu_input_t *input;
    char *path;
    void *state;      /* the format's own; freed with the trace */
    uint64_t line;    /* of the record read last, or its number where records have no lines; from 1 */
    uint64_t records; /* read whole */
    uint64_t count;   /* accesses given */
    bool failed;
    char error[512];
    /* unread bytes of the file: buffer[begin .. end); buffer[end] is '\n' */
    size_t begin, end;
    bool no_more;      /* the file is at its end */
    uint64_t consumed; /* bytes of the file before buffer[0] */
    /* accesses of a line that have not been given */
    mmu_access_t *queue;
    size_t queued, queue_at, queue_room;
    mmu_trace_note_t note[MMU_TRACE_NOTES];
    mmu_access_t rest; /* what is left of an access that crosses a page */
    bool rest_pending;
    unsigned processes;
    uint16_t process; /* of accesses, where lines name it */
    mmu_page_map_t *map;
    char buffer[MMU_TRACE_BUFFER + 1];
};

/* ---- bytes (mmu_trace_text.c) ---------------------------------------------------------------- */

/* Moves the unread bytes to the buffer's begin and reads more: 1; 0: the end, or the buffer is full; -1: the input
 * tells an error. */
int mmu_trace_more(mmu_trace_t *trace);
/* The same; an error of the input fails the trace. False: nothing more came. */
bool mmu_trace_fill(mmu_trace_t *trace);

/* The next line without its end ("\r" before it is taken off too): 1; the end: 0; an error: -1. A last line without
 * an end is a line, and noted; cut compressed data is an error. */
int mmu_trace_next_line(mmu_trace_t *trace, const char **text, size_t *n);

/* The reader of formats that have nothing to gain from more: calls parse for each line. It queues accesses and
 * notes the rest; false: it called mmu_trace_fail_record. */
size_t mmu_trace_read_lines(mmu_trace_t *trace, mmu_access_t *to, size_t room,
                            bool (*parse)(mmu_trace_t *trace, const char *text, size_t n));

/* ---- what a reader gives ---------------------------------------------------------------------- */

/* Queues an access. False: it is none (it ends above 2^64, its size is not 1..4096), or no memory: *expected says. */
bool mmu_trace_queue(mmu_trace_t *trace, mmu_acc_e acc, uint64_t va, uint64_t size, uint16_t process,
                     const char **expected);

/* Counts what is no access, or worth a word, e.g. "marker"; `what` must last. */
void mmu_trace_count_note(mmu_trace_t *trace, const char *what);

/* A size that a format does not tell: the largest power of two up to `most` that va is a multiple of, so that no
 * page is touched which the program did not touch. */
uint32_t mmu_trace_default_size(uint64_t va, uint32_t most);

/* ---- what is said about bad input ------------------------------------------------------------- */

/* "FILE:LINE: found 'TEXT', expected EXPECTED"; returns false. */
bool mmu_trace_fail_record(mmu_trace_t *trace, const char *text, size_t n, const char *expected);
/* "FILE: PROBLEM"; returns false. */
bool mmu_trace_fail(mmu_trace_t *trace, const char *problem, ...) __attribute__((format(printf, 2, 3)));
/* For seek: the trace ends before access `to` (which may be `count`, its end). */
bool mmu_trace_fail_past_end(mmu_trace_t *trace, uint64_t to, uint64_t count);
/* What mmu_input says, and how much was whole; returns false. */
bool mmu_trace_fail_input(mmu_trace_t *trace);

/* ---- numbers in text: p moves behind; false: none, or it does not fit ---------------------------- */

/* The value of a hexadecimal digit, or 16 and more. */
extern const uint8_t mmu_trace_digit[256];

/* 1 to 16 hexadecimal digits. */
bool mmu_trace_hex(const char **p, const char *end, uint64_t *value);
/* The same with 0x in front. */
bool mmu_trace_0x(const char **p, const char *end, uint64_t *value);
/* Decimal digits, up to 2^63. */
bool mmu_trace_decimal(const char **p, const char *end, uint64_t *value);
/* Spaces and tabs. */
void mmu_trace_skip_space(const char **p, const char *end);
/* The text stands here: p moves behind it. */
bool mmu_trace_literal(const char **p, const char *end, const char *text);

/* The first line of some bytes that skip does not want; an empty one where there is none. */
const char *mmu_trace_first_line(const char *bytes, size_t n, bool (*skip)(const char *text, size_t n),
                                 size_t *length);

#define MMU_TRACE_FORMAT(id) extern const mmu_trace_format_t mmu_trace_format_##id;
#include "trace/mmu_trace_formats.def"
#undef MMU_TRACE_FORMAT

#endif
