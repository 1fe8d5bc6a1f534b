/* Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
 *
 * Types and constants that every room of the MMU shares.
 * Twin: rtl/mmu_pkg.sv. Rules: docs/microarchitecture.md, TYP and KEY.
 *
 * Values that stand in array rows (entries, walk positions) are 64-bit words with inline getters, laid
 * out exactly as the packed structs of the RTL, so that a row compares as a word.
 */
#ifndef LOCKWALK_MMU_TYPES_H
#define LOCKWALK_MMU_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- fixed widths (TYP-1) --------------------------------------------------------------- */
#define MMU_VA_W 64
#define MMU_PA_W 56
#define MMU_PPN_LG 9
#define MMU_PPN_W 47
#define MMU_KEY_VA_W 48
#define MMU_ASID_W 16
#define MMU_VMID_W 14
#define MMU_VM_W 22
#define MMU_SPACE_W 16
#define MMU_ID_W 4
#define MMU_SLOT_W 3
#define MMU_MAX_WALKS 8
#define MMU_MAX_MISSES 8
#define MMU_PORTS 2
#define MMU_ARRAYS 3
#define MMU_PWC_LEVELS 4
#define MMU_EVENT_W 37
#define MMU_MAX_PMP 64

#define MMU_PA_MASK ((UINT64_C(1) << MMU_PA_W) - 1)
#define MMU_PPN_MASK ((UINT64_C(1) << MMU_PPN_W) - 1)

enum { MMU_PORT_I = 0, MMU_PORT_D = 1 };
enum { MMU_LEVEL_L1I = 0, MMU_LEVEL_L1D = 1, MMU_LEVEL_L2 = 2, MMU_LEVELS = 3 };

/* ---- encodings (TYP-2) ------------------------------------------------------------------ */
typedef enum {
    MMU_ACC_FETCH = 0,
    MMU_ACC_LOAD = 1,
    MMU_ACC_STORE = 2,
    MMU_ACC_LOAD_X = 3,
    MMU_ACC_APPEND = 4
} mmu_acc_e;
typedef enum { MMU_PRIV_U = 0, MMU_PRIV_S = 1, MMU_PRIV_M = 3 } mmu_priv_e;
typedef enum {
    MMU_FAULT_NONE = 0,
    MMU_FAULT_PAGE = 1,
    MMU_FAULT_ACCESS = 2,
    MMU_FAULT_GUEST = 3,
    MMU_FAULT_PROT = 4,  /* a right is missing */
    MMU_FAULT_RSVD = 5,  /* a reserved bit or mode */
    MMU_FAULT_LIMIT = 6, /* beyond a limit; x86: not canonical */
    MMU_FAULT_TABLE = 7  /* an inner table is absent */
} mmu_fault_e;
typedef enum { MMU_START_BARE = 0, MMU_START_FAULT = 1, MMU_START_WALK = 2 } mmu_start_e;
typedef enum {
    MMU_STEP_READ = 0,
    MMU_STEP_LEAF = 1,
    MMU_STEP_NEED_AD = 2,
    MMU_STEP_FAULT = 3,
    MMU_STEP_READ_AD = 4
} mmu_step_e;
typedef enum {
    MMU_POLICY_PLRU = 0,
    MMU_POLICY_FIFO = 1,
    MMU_POLICY_LRU = 2,
    MMU_POLICY_NRU = 3,
    MMU_POLICY_RANDOM = 4
} mmu_policy_e;
typedef enum { MMU_MEM_READ = 0, MMU_MEM_CAS = 1 } mmu_memop_e;
/* What a guest physical address is translated for (GST-1). */
typedef enum { MMU_G_NONE = 0, MMU_G_ENTRY = 1, MMU_G_UPDATE = 2, MMU_G_FINAL = 3 } mmu_g_what_e;
typedef enum {
    MMU_FENCE_S = 0,        /* SFENCE.VMA with V = 0, SINVAL.VMA too where posted */
    MMU_FENCE_VV = 1,       /* HFENCE.VVMA; SFENCE.VMA with V = 1 */
    MMU_FENCE_G = 2,        /* HFENCE.GVMA */
    MMU_FENCE_W_INVAL = 3,  /* SFENCE.W.INVAL */
    MMU_FENCE_INVAL_IR = 4, /* SFENCE.INVAL.IR */
    MMU_FENCE_X = 5         /* INVLPG, INVPCID, MOV to CR3 */
} mmu_fence_kind_e;

/* slow.format: bit n of a configuration's formats builds format n in. */
typedef enum {
    MMU_FORMAT_RISCV = 0,
    MMU_FORMAT_X86 = 1,
    MMU_FORMAT_BOUNDS = 2,
    MMU_FORMAT_SEGMENT = 3,
    MMU_FORMAT_LINEAR = 4,
    MMU_FORMAT_DIRECTORY = 5,
    MMU_FORMAT_INVERTED = 6,
    MMU_FORMAT_SEGPAGE = 7
} mmu_format_e;

/* The kind of a hart's access (EFF). */
typedef enum {
    MMU_HART_FETCH = 0,
    MMU_HART_LOAD = 1,
    MMU_HART_STORE = 2,
    MMU_HART_HLV = 3,
    MMU_HART_HLVX = 4,
    MMU_HART_HSV = 5
} mmu_hart_op_e;

/* satp.MODE, vsatp.MODE; hgatp.MODE with the x4 of the same number */
enum { MMU_MODE_BARE = 0, MMU_MODE_SV32 = 1, MMU_MODE_SV39 = 8, MMU_MODE_SV48 = 9, MMU_MODE_SV57 = 10 };

/* ---- records (TYP-3) -------------------------------------------------------------------- */
/* Each field's comment is its width in bits, or the record it is: the twin test reads it. */

/* The effective context of an access (EFF): of the first stage satp's or, with V = 1, vsatp's. */
typedef struct {
    uint64_t root;  /* [44] PPN, in 4 KiB frames; guest frames with V = 1 and gmode not bare */
    uint16_t asid;  /* [16] */
    uint8_t mode;   /* [4] MODE */
    bool sum;       /* [1] sstatus.SUM, with V = 1 vsstatus.SUM */
    bool mxr;       /* [1] sstatus.MXR, with V = 1 OR vsstatus.MXR */
    bool v;         /* [1] virtualization: two stages */
    bool gmxr;      /* [1] sstatus.MXR, for the G stage */
    uint8_t gmode;  /* [4] hgatp.MODE */
    uint16_t vmid;  /* [14] */
    uint64_t groot; /* [44] hgatp.PPN, in 4 KiB frames; the low two bits do not count */
    uint64_t aux;   /* [44] of formats other than riscv: bounds, rows, anchors, CR3[11:5] */
    uint8_t flags;  /* [4] x86: WP 0, SMEP 1, SMAP 2, AC 3 */
} mmu_ctx_t;

/* A hart's registers, as far as they choose a context (EFF). */
typedef struct {
    uint64_t root;  /* [44] satp */
    uint64_t vroot; /* [44] vsatp */
    uint64_t groot; /* [44] hgatp */
    uint16_t asid;  /* [16] */
    uint16_t vasid; /* [16] */
    uint16_t vmid;  /* [14] */
    uint8_t mode;   /* [4] */
    uint8_t vmode;  /* [4] */
    uint8_t gmode;  /* [4] */
    uint8_t prv;    /* [2] the hart's privilege */
    uint8_t mpp;    /* [2] mstatus.MPP */
    bool v;         /* [1] the hart's V */
    bool mprv;      /* [1] mstatus.MPRV */
    bool mpv;       /* [1] mstatus.MPV */
    bool spvp;      /* [1] hstatus.SPVP */
    bool sum;       /* [1] sstatus.SUM */
    bool mxr;       /* [1] sstatus.MXR */
    bool vsum;      /* [1] vsstatus.SUM */
    bool vmxr;      /* [1] vsstatus.MXR */
} mmu_hart_t;

typedef struct {
    bool adue;       /* [1] menvcfg.ADUE: 1 Svadu, 0 Svade; of the G stage or the only one */
    bool pbmte;      /* [1] menvcfg.PBMTE, likewise */
    bool svnapot;    /* [1] Svnapot is there */
    bool hadue;      /* [1] effective henvcfg.ADUE, of the VS stage */
    bool hpbmte;     /* [1] effective henvcfg.PBMTE, of the VS stage */
    bool mml;        /* [1] mseccfg.MML (Smepmp) */
    bool mmwp;       /* [1] mseccfg.MMWP */
    bool rlb;        /* [1] mseccfg.RLB */
    uint8_t format;  /* [4] mmu_format_e: which one is in force (FRM) */
    bool pse;        /* [1] x86: CR4.PSE */
    bool pge;        /* [1] x86: CR4.PGE */
    bool nxe;        /* [1] x86: EFER.NXE */
    bool afault;     /* [1] x86: A is set in pointers passed, whatever comes (X86-8) */
    uint8_t maxpa;   /* [6] x86: MAXPHYADDR */
    uint8_t plg;     /* [5] classical: log2 of the page size */
    bool linear;     /* [1] inverted: search row by row */
    uint8_t rows_lg; /* [5] inverted: log2 of the rows */
} mmu_slow_t;

/* A translation request as it travels inside the MMU. */
typedef struct {
    uint64_t va;   /* [64] */
    mmu_ctx_t ctx; /* ctx_t */
    uint8_t acc;   /* [3] mmu_acc_e */
    uint8_t size;  /* [3] log2 of the bytes accessed */
    uint8_t prv;   /* [2] mmu_priv_e, effective */
} mmu_rq_t;

/* A request as it comes in at a port. */
typedef struct {
    uint64_t va;  /* [64] */
    bool valid;   /* [1] */
    uint8_t id;   /* [4] */
    uint8_t acc;  /* [3] */
    uint8_t size; /* [3] */
    uint8_t prv;  /* [2] */
} mmu_req_t;

typedef struct {
    uint64_t pa;   /* [56] 0 on a fault */
    uint64_t tval; /* [64] 0 without a fault */
    uint64_t gpa;  /* [64] with a guest-page fault: guest physical address, low two bits 0; else 0 */
    bool valid;    /* [1] */
    bool fault;    /* [1] */
    uint8_t id;    /* [4] */
    uint8_t lg;    /* [6] log2 of the page size in bytes; 0 where no page is (bare, fault) */
    uint8_t mt;    /* [2] memory type: 0 PMA, 1 NC, 2 IO */
    uint8_t cause; /* [6] 0 without a fault */
    uint8_t imp;   /* [2] gpa is of an implicit access: 1 a read, 2 an A/D update; else 0 */
} mmu_rsp_t;

typedef struct {
    uint64_t va;   /* [64] MMU_FENCE_G: guest physical address */
    uint16_t asid; /* [16] */
    bool valid;    /* [1] */
    bool va_en;    /* [1] by address */
    bool asid_en;  /* [1] by address space; MMU_FENCE_S, MMU_FENCE_VV */
    uint8_t kind;  /* [3] mmu_fence_kind_e */
    bool posted;   /* [1] Svinval: done without waiting for older requests */
    bool vmid_en;  /* [1] MMU_FENCE_G: by VMID; MMU_FENCE_VV is always */
    uint16_t vmid; /* [14] */
    bool keep_g;   /* [1] MMU_FENCE_X: global rows stay */
} mmu_fence_t;

typedef struct {
    uint64_t addr;     /* [56] */
    uint64_t old_word; /* [64] compare-and-swap only, else 0 */
    uint64_t new_word; /* [64] compare-and-swap only, else 0 */
    bool valid;        /* [1] */
    bool wide;         /* [1] 1: 8 bytes, 0: 4 bytes */
    uint8_t id;        /* [3] the walk's slot */
    uint8_t op;        /* [1] mmu_memop_e */
} mmu_mreq_t;

typedef struct {
    uint64_t data; /* [64] read: the word; compare-and-swap: the word before it */
    bool valid;    /* [1] */
    bool err;      /* [1] */
    uint8_t id;    /* [3] */
} mmu_mrsp_t;

/* A write of the PMP register file (PMP-1); a slow register. */
typedef struct {
    uint64_t addr; /* [54] pmpaddr: PA bits 55:2 */
    bool valid;    /* [1] */
    uint8_t index; /* [6] */
    uint8_t cfg;   /* [8] pmpcfg: R 0, W 1, X 2, A 4:3, L 7 */
} mmu_pmp_write_t;

/* A PMP entry, decoded (PMP-2); base and last in units of 4 bytes. */
typedef struct {
    uint64_t base; /* [54] */
    uint64_t last; /* [54] */
    bool on;       /* [1] */
    bool l;        /* [1] */
    bool x;        /* [1] */
    bool w;        /* [1] */
    bool r;        /* [1] */
} mmu_pmp_range_t;

/* ---- the common leaf entry: payload of the TLB arrays ------------------------------------ */
typedef uint64_t mmu_entry_t;

#define MMU_ENTRY_LG_SHIFT 47
#define MMU_ENTRY_R (UINT64_C(1) << 53)
#define MMU_ENTRY_W (UINT64_C(1) << 54)
#define MMU_ENTRY_X (UINT64_C(1) << 55)
#define MMU_ENTRY_U (UINT64_C(1) << 56)
#define MMU_ENTRY_G (UINT64_C(1) << 57)
#define MMU_ENTRY_A (UINT64_C(1) << 58)
#define MMU_ENTRY_D (UINT64_C(1) << 59)
#define MMU_ENTRY_MT_SHIFT 60
#define MMU_ENTRY_GNR (UINT64_C(1) << 62) /* the G stage refuses reads, but for MXR */
#define MMU_ENTRY_GNX (UINT64_C(1) << 63) /* the G stage refuses fetches */

/* PA bits 55:9 of the page's base. */
static inline uint64_t mmu_entry_ppn(mmu_entry_t e)
{
    return e & MMU_PPN_MASK;
}

/* log2 of the page size in bytes. */
static inline uint8_t mmu_entry_lg(mmu_entry_t e)
{
    return (uint8_t)((e >> MMU_ENTRY_LG_SHIFT) & 63u);
}

static inline uint8_t mmu_entry_mt(mmu_entry_t e)
{
    return (uint8_t)((e >> MMU_ENTRY_MT_SHIFT) & 3u);
}

static inline bool mmu_entry_g(mmu_entry_t e)
{
    return (e & MMU_ENTRY_G) != 0;
}

/* Physical address of `va` in the page of `e`: base | offset. */
static inline uint64_t mmu_entry_pa(mmu_entry_t e, uint64_t va)
{
    uint64_t offset = (UINT64_C(1) << mmu_entry_lg(e)) - 1;
    return ((mmu_entry_ppn(e) << MMU_PPN_LG) | (va & offset)) & MMU_PA_MASK;
}

/* ---- a walk's position: the entry that is to be read next; opaque to the walker ------------ */
typedef uint64_t mmu_pos_t;

#define MMU_POS_G (UINT64_C(1) << 47)
#define MMU_POS_LEVEL_SHIFT 48

static inline mmu_pos_t mmu_pos_make(unsigned level, bool g, uint64_t ppn)
{
    return ((uint64_t)(level & 7u) << MMU_POS_LEVEL_SHIFT) | (g ? MMU_POS_G : 0) | (ppn & MMU_PPN_MASK);
}

static inline unsigned mmu_pos_level(mmu_pos_t p)
{
    return (unsigned)(p >> MMU_POS_LEVEL_SHIFT) & 7u;
}

/* PA bits 55:9 of the table's base. */
static inline uint64_t mmu_pos_ppn(mmu_pos_t p)
{
    return p & MMU_PPN_MASK;
}

/* ---- keys (KEY-1, KEY-2, KEY-3) ----------------------------------------------------------- */
#define MMU_KEY_ASID_MASK (UINT64_C(0xffff) << MMU_KEY_VA_W)

static inline uint64_t mmu_make_key(uint16_t asid, uint64_t va)
{
    return ((uint64_t)asid << MMU_KEY_VA_W) | ((va >> 9) & ((UINT64_C(1) << MMU_KEY_VA_W) - 1));
}

/* KEY-5: the virtual machine beside a key. Bits 13:0 VMID, 14 V, 15 the first stage is bare, 21:16 `flg`. */
#define MMU_VM_V (UINT32_C(1) << 14)
#define MMU_VM_BARE (UINT32_C(1) << 15)
#define MMU_VM_FLG_SHIFT 16
#define MMU_VM_VMID UINT32_C(0x3fff)
#define MMU_VM_SPACE UINT32_C(0xffff) /* what a look-up compares */

static inline uint32_t mmu_ctx_vm(const mmu_ctx_t *ctx)
{
    return !ctx->v ? 0 : MMU_VM_V | (ctx->mode == MMU_MODE_BARE ? MMU_VM_BARE : 0) | ctx->vmid;
}

static inline unsigned mmu_vm_flg(uint32_t vm)
{
    return (vm >> MMU_VM_FLG_SHIFT) & 63u;
}

/* KEY-1: the key of a request. */
static inline uint64_t mmu_ctx_key(const mmu_ctx_t *ctx, uint64_t va)
{
    return mmu_make_key(ctx->v && ctx->mode == MMU_MODE_BARE ? (uint16_t)(va >> 57) : ctx->asid, va);
}

/* KEY-6: the key of a guest physical address in a virtual machine, and which of its bits count. */
static inline uint64_t mmu_make_gkey(uint16_t vmid, uint64_t gpa)
{
    return ((uint64_t)vmid << 50) | ((gpa >> 9) & ((UINT64_C(1) << 50) - 1));
}

static inline uint64_t mmu_make_gmask(unsigned lg)
{
    return ~UINT64_C(0) << (lg - 9);
}

/* Which bits of a key count for a page of 2^lg bytes, 9 <= lg < 57. */
static inline uint64_t mmu_make_mask(unsigned lg, bool g)
{
    uint64_t va = (~UINT64_C(0) << (lg - 9)) & ((UINT64_C(1) << MMU_KEY_VA_W) - 1);
    return va | (g ? 0 : MMU_KEY_ASID_MASK);
}

/* TYP-4: log2 of the page size that bit i of a `pages` field stands for, 0 where it stands for none. */
static inline unsigned mmu_page_lg(unsigned i)
{
    static const uint8_t lg[16] = {9, 10, 11, 12, 13, 14, 15, 16, 21, 22, 30, 39, 48, 0, 0, 0};
    return lg[i & 15u];
}

/* True where an array whose `pages` field this is holds pages of 2^lg bytes. */
static inline bool mmu_pages_hold(uint16_t pages, unsigned lg)
{
    for (unsigned i = 0; i < 13; i++)
        if ((((unsigned)pages >> i) & 1u) != 0 && mmu_page_lg(i) == lg)
            return true;
    return false;
}

#ifdef __cplusplus
}
#endif
#endif
