// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// Types and constants that every room of the MMU shares.
// Twin: model/include/lockwalk/mmu_types.h. Rules: docs/microarchitecture.md, TYP.
package mmu_pkg;

  // ---- fixed widths (TYP-1) ---------------------------------------------------------------
  localparam int unsigned VaW     = 64;
  localparam int unsigned PaW     = 56;
  localparam int unsigned PpnLg   = 9;            // the smallest page of any format is 512 bytes
  localparam int unsigned PpnW    = PaW - PpnLg;  // 47
  localparam int unsigned KeyVaW  = 48;           // VA bits 56:9
  localparam int unsigned AsidW   = 16;
  localparam int unsigned VmidW   = 14;
  localparam int unsigned VmW     = 22;           // bits of vm_t
  localparam int unsigned SpaceW  = 16;           // of these, what a look-up compares
  localparam int unsigned KeyW    = KeyVaW + AsidW;  // 64
  localparam int unsigned DataW   = 64;           // payload of an array row
  localparam int unsigned IdW     = 4;
  localparam int unsigned SlotW   = 3;            // up to 8 walks in flight
  localparam int unsigned MissW   = 3;            // up to 8 misses in flight a port
  localparam int unsigned Ports   = 2;            // 0 instruction, 1 data
  localparam int unsigned Arrays  = 3;            // arrays a TLB level may have
  localparam int unsigned PwcLevels = 4;          // walk caches: pointers of levels 1..4
  localparam int unsigned EventW  = 37;
  // Widths of records. Yosys 0.23 takes an array of records, packed or not, for one record, without
  // a word: arrays and flat ports are vectors of these widths.
  localparam int unsigned RqW     = 250;          // bits of rq_t
  localparam int unsigned EntryW  = 64;           // bits of entry_t
  localparam int unsigned PosW    = 64;           // bits of pos_t
  localparam int unsigned CtxW    = 178;          // bits of ctx_t
  localparam int unsigned ReqW    = 77;           // bits of req_t
  localparam int unsigned RspW    = 206;          // bits of rsp_t
  localparam int unsigned RowW    = 214;          // bits of row_t
  localparam int unsigned PmpRangeW = 113;        // bits of pmp_range_t

  localparam int unsigned PortI = 0;
  localparam int unsigned PortD = 1;
  localparam int unsigned LevelL1I = 0;
  localparam int unsigned LevelL1D = 1;
  localparam int unsigned LevelL2  = 2;

  // ---- encodings (TYP-2) ------------------------------------------------------------------
  typedef enum logic [2:0] { AccFetch = 3'd0, AccLoad = 3'd1, AccStore = 3'd2,
                             AccLoadX = 3'd3, AccAppend = 3'd4 } acc_e;
  typedef enum logic [1:0] { PrivU = 2'd0, PrivS = 2'd1, PrivM = 2'd3 } priv_e;
  typedef enum logic [2:0] { FaultNone = 3'd0, FaultPage = 3'd1, FaultAccess = 3'd2,
                             FaultGuest = 3'd3, FaultProt = 3'd4, FaultRsvd = 3'd5,
                             FaultLimit = 3'd6, FaultTable = 3'd7 } fault_e;
  typedef enum logic [1:0] { StartBare = 2'd0, StartFault = 2'd1, StartWalk = 2'd2 } start_e;
  typedef enum logic [2:0] { StepRead = 3'd0, StepLeaf = 3'd1, StepNeedAd = 3'd2,
                             StepFault = 3'd3, StepReadAd = 3'd4 } step_e;
  typedef enum logic [3:0] {    // slow_t.format; bit n of formats in Cfg builds format n in
    FormatRiscv = 4'd0, FormatX86 = 4'd1, FormatBounds = 4'd2, FormatSegment = 4'd3,
    FormatLinear = 4'd4, FormatDirectory = 4'd5, FormatInverted = 4'd6, FormatSegpage = 4'd7
  } format_e;
  typedef enum logic [2:0] { PolicyPlru = 3'd0, PolicyFifo = 3'd1, PolicyLru = 3'd2,
                             PolicyNru = 3'd3, PolicyRandom = 3'd4 } policy_e;
  typedef enum logic [0:0] { MemRead = 1'd0, MemCas = 1'd1 } memop_e;
  // What a guest physical address is translated for (GST-1)
  typedef enum logic [1:0] { GNone = 2'd0, GEntry = 2'd1, GUpdate = 2'd2, GFinal = 2'd3 } g_what_e;
  // What a hart does (EFF); HLV, HLVX and HSV are the hypervisor's accesses to its guest
  typedef enum logic [2:0] { HartFetch = 3'd0, HartLoad = 3'd1, HartStore = 3'd2, HartHlv = 3'd3,
                             HartHlvx = 3'd4, HartHsv = 3'd5 } hart_op_e;
  typedef enum logic [2:0] {
    FenceS       = 3'd0,   // SFENCE.VMA with V = 0; SINVAL.VMA where posted
    FenceVv      = 3'd1,   // HFENCE.VVMA; SFENCE.VMA with V = 1
    FenceG       = 3'd2,   // HFENCE.GVMA
    FenceWInval  = 3'd3,   // SFENCE.W.INVAL
    FenceInvalIr = 3'd4,   // SFENCE.INVAL.IR
    FenceX       = 3'd5    // INVLPG, INVPCID, MOV to CR3
  } fence_kind_e;

  localparam logic [3:0] ModeBare = 4'd0;         // ctx_t.mode, satp.MODE
  localparam logic [3:0] ModeSv32 = 4'd1;
  localparam logic [3:0] ModeSv39 = 4'd8;
  localparam logic [3:0] ModeSv48 = 4'd9;
  localparam logic [3:0] ModeSv57 = 4'd10;

  // ---- records (TYP-3). The first field is the most significant. ---------------------------
  // The effective context of an access (EFF), captured with each request: of the first stage satp's
  // or, with v, vsatp's.
  typedef struct packed {
    logic [43:0]      aux;    // of formats other than riscv: bounds, rows, anchors, CR3[11:5]
    logic [3:0]       flags;  // x86: WP 0, SMEP 1, SMAP 2, AC 3
    logic             v;      // virtualization: two stages
    logic             gmxr;   // sstatus.MXR, for the G stage
    logic [3:0]       gmode;  // hgatp.MODE: 0 bare, 1 Sv32x4, 8 Sv39x4, 9 Sv48x4, 10 Sv57x4
    logic [VmidW-1:0] vmid;
    logic [43:0]      groot;  // hgatp.PPN; the low two bits do not count
    logic [3:0]       mode;   // MODE: 0 bare, 1 Sv32, 8 Sv39, 9 Sv48, 10 Sv57
    logic [AsidW-1:0] asid;
    logic [43:0]      root;   // PPN, in 4 KiB frames; guest frames in front of a G stage
    logic             sum;    // sstatus.SUM, with v vsstatus.SUM
    logic             mxr;    // sstatus.MXR, with v OR vsstatus.MXR
  } ctx_t;                    // 178 bits

  // The registers of a hart that make the effective context of its accesses (EFF).
  typedef struct packed {
    logic [1:0]       prv;    // priv_e
    logic             v;
    logic             mprv;   // mstatus.MPRV
    logic [1:0]       mpp;    // mstatus.MPP
    logic             mpv;    // mstatus.MPV
    logic             spvp;   // hstatus.SPVP
    logic             sum;    // sstatus.SUM
    logic             mxr;    // sstatus.MXR
    logic             vsum;   // vsstatus.SUM
    logic             vmxr;   // vsstatus.MXR
    logic [3:0]       mode;   // satp
    logic [AsidW-1:0] asid;
    logic [43:0]      root;
    logic [3:0]       vmode;  // vsatp
    logic [AsidW-1:0] vasid;
    logic [43:0]      vroot;
    logic [3:0]       gmode;  // hgatp
    logic [VmidW-1:0] vmid;
    logic [43:0]      groot;
  } hart_t;                   // 202 bits

  // Slow registers: change only while idle_o is 1.
  typedef struct packed {
    logic [3:0] format;       // format_e: which one is in force (FRM)
    logic pse;                // x86: CR4.PSE
    logic pge;                // x86: CR4.PGE
    logic nxe;                // x86: EFER.NXE
    logic afault;             // x86: A is set in pointers passed, whatever comes (X86-8)
    logic [5:0] maxpa;        // x86: MAXPHYADDR
    logic [4:0] plg;          // classical: log2 of the page size
    logic linear;             // inverted: search row by row
    logic [4:0] rows_lg;      // inverted: log2 of the rows
    logic hadue;              // effective henvcfg.ADUE, of the VS stage
    logic hpbmte;             // effective henvcfg.PBMTE, of the VS stage
    logic mml;                // mseccfg.MML (Smepmp)
    logic mmwp;               // mseccfg.MMWP
    logic rlb;                // mseccfg.RLB
    logic adue;               // menvcfg.ADUE: 1 Svadu, 0 Svade; of the G stage or the only one
    logic pbmte;              // menvcfg.PBMTE, likewise
    logic svnapot;            // Svnapot is there
  } slow_t;                   // 33 bits

  // A translation request as it travels inside the MMU.
  typedef struct packed {
    logic [VaW-1:0] va;
    logic [2:0]     acc;      // acc_e
    logic [2:0]     size;     // log2 of the bytes accessed
    logic [1:0]     prv;      // priv_e, effective
    ctx_t           ctx;
  } rq_t;                     // 250 bits

  // A request as it comes in at a port.
  typedef struct packed {
    logic           valid;
    logic [IdW-1:0] id;
    logic [VaW-1:0] va;
    logic [2:0]     acc;
    logic [2:0]     size;
    logic [1:0]     prv;
  } req_t;

  typedef struct packed {
    logic           valid;
    logic [IdW-1:0] id;
    logic [PaW-1:0] pa;       // 0 on a fault
    logic [5:0]     lg;       // log2 of the page size in bytes; 0 where no page is (bare, fault)
    logic [1:0]     mt;       // memory type: 0 PMA, 1 NC, 2 IO
    logic           fault;
    logic [5:0]     cause;    // 0 without a fault
    logic [VaW-1:0] tval;     // 0 without a fault
    logic [VaW-1:0] gpa;      // with FaultGuest: guest physical address, low two bits 0; else 0
    logic [1:0]     imp;      // gpa is of an implicit access: 1 a read, 2 an A/D update; else 0
  } rsp_t;

  // The common leaf entry: payload of the TLB arrays.
  typedef struct packed {
    logic            gnx;     // the G stage refuses fetches
    logic            gnr;     // the G stage refuses reads, but for MXR
    logic [1:0]      mt;
    logic            d;
    logic            a;
    logic            g;
    logic            u;
    logic            x;
    logic            w;
    logic            r;
    logic [5:0]      lg;      // log2 of the page size
    logic [PpnW-1:0] ppn;     // PA bits 55:9 of the page's base
  } entry_t;                  // 64 bits

  // A walk's position: the entry that is to be read next. Opaque to the walker; payload of the
  // walk caches.
  typedef struct packed {
    logic [12:0]     zero;
    logic [2:0]      level;   // of the entry to be read; 0 is the last
    logic            g;       // a pointer on the way was global
    logic [PpnW-1:0] ppn;     // PA bits 55:9 of the table's base
  } pos_t;                    // 64 bits

  typedef struct packed {
    logic             keep_g;   // FenceX: global rows stay
    logic [2:0]       kind;     // fence_kind_e
    logic             posted;   // Svinval: done without waiting for older requests
    logic             vmid_en;  // FenceG: by VMID; FenceVv is always
    logic [VmidW-1:0] vmid;
    logic             valid;
    logic             va_en;    // by address
    logic             asid_en;  // by address space; FenceS, FenceVv
    logic [VaW-1:0]   va;       // FenceG: guest physical address
    logic [AsidW-1:0] asid;
  } fence_t;                    // 103 bits

  typedef struct packed {
    logic             valid;
    logic [SlotW-1:0] id;
    logic             op;       // memop_e
    logic             wide;     // 1: 8 bytes, 0: 4 bytes
    logic [PaW-1:0]   addr;
    logic [63:0]      old_word; // compare-and-swap only, else 0
    logic [63:0]      new_word; // compare-and-swap only, else 0
  } mreq_t;

  typedef struct packed {
    logic             valid;
    logic [SlotW-1:0] id;
    logic [63:0]      data;     // read: the word; compare-and-swap: the word before it
    logic             err;
  } mrsp_t;

  // A write of the PMP register file (PMP-1); a slow register.
  typedef struct packed {
    logic        valid;
    logic [5:0]  index;
    logic [7:0]  cfg;         // pmpcfg: R 0, W 1, X 2, A 4:3, L 7
    logic [53:0] addr;        // pmpaddr: PA bits 55:2
  } pmp_write_t;

  // A PMP entry, decoded (PMP-2); base and last in units of 4 bytes.
  typedef struct packed {
    logic [53:0] base;
    logic [53:0] last;
    logic        on;
    logic        l;
    logic        x;
    logic        w;
    logic        r;
  } pmp_range_t;

  // The virtual machine beside a key (KEY-5). Without the hypervisor extension: 0, and not kept.
  typedef struct packed {
    logic [5:0]       flg;    // log2 of the first stage's page
    logic             bare;   // the first stage is bare
    logic             v;
    logic [VmidW-1:0] vmid;
  } vm_t;                     // 22 bits

  // A write of an array row, as the white-box check sees it (ARR-9).
  typedef struct packed {
    vm_t              vm;
    logic [KeyW-1:0]  key;
    logic [KeyW-1:0]  mask;
    logic [DataW-1:0] data;
  } row_t;                    // 214 bits

  // ---- functions --------------------------------------------------------------------------
  // Yosys 0.23 finds no field of a record inside a function (nor in a generate block), and no item of
  // an enum without `mmu_pkg::`. So arguments that are records are vectors here, and these say where
  // their fields begin.
  localparam int unsigned FenceW        = 103;    // bits of fence_t
  localparam int unsigned CtxAtV        = 129;
  localparam int unsigned CtxAtVmid     = 110;
  localparam int unsigned CtxAtMode     = 62;
  localparam int unsigned CtxAtAsid     = 46;
  localparam int unsigned FenceAtKeepG  = 102;
  localparam int unsigned FenceAtKind   = 99;
  localparam int unsigned FenceAtVmidEn = 97;
  localparam int unsigned FenceAtVmid   = 83;
  localparam int unsigned FenceAtVaEn   = 81;
  localparam int unsigned FenceAtAsidEn = 80;

  // REQ-1: the bits of an rq_t that a build has: of ctx, aux and flags are of formats other than riscv,
  // v to groot of the hypervisor extension.
  function automatic logic [RqW-1:0] rq_bits(input logic others, input logic hypervisor);
    rq_bits = {{(RqW - CtxW){1'b1}}, {48{others}}, {64{hypervisor}}, {66{1'b1}}};
  endfunction

  // KEY-1: the key of a request; ctx is a ctx_t
  function automatic logic [KeyW-1:0] ctx_key(input logic [CtxW-1:0] ctx,
                                              input logic [VaW-1:0] va);
    ctx_key = {(ctx[CtxAtV] && ctx[CtxAtMode +: 4] == ModeBare) ? {9'd0, va[63:57]}
                                                                : ctx[CtxAtAsid +: AsidW],
               va[56:9]};
  endfunction

  // KEY-5: the virtual machine of a request, as a look-up compares it
  function automatic logic [SpaceW-1:0] ctx_space(input logic [CtxW-1:0] ctx);
    ctx_space = ctx[CtxAtV] ? {ctx[CtxAtMode +: 4] == ModeBare, 1'b1, ctx[CtxAtVmid +: VmidW]} : '0;
  endfunction

  // KEY-6: the key of a guest physical address, and which of its bits count for 2^lg bytes
  function automatic logic [KeyW-1:0] make_gkey(input logic [VmidW-1:0] vmid,
                                                input logic [VaW-1:0] gpa);
    make_gkey = {vmid, gpa[58:9]};
  endfunction

  function automatic logic [KeyW-1:0] make_gmask(input logic [5:0] lg);
    make_gmask = {KeyW{1'b1}} << (lg - 6'd9);
  endfunction

  // {ASID, VA}, for fences
  function automatic logic [KeyW-1:0] make_key(input logic [AsidW-1:0] asid,
                                               input logic [VaW-1:0] va);
    make_key = {asid, va[56:9]};
  endfunction

  // KEY-7: what a fence, a fence_t, compares of the rows of a TLB: bits of {ASID, VA} ...
  function automatic logic [KeyW-1:0] fence_key_mask(input logic [FenceW-1:0] fence);
    fence_key_mask = {{AsidW{fence[FenceAtAsidEn]}}, {KeyVaW{fence[FenceAtVaEn]}}};
    if (fence[FenceAtKind +: 3] == mmu_pkg::FenceG) fence_key_mask = '0;
  endfunction

  // ... and of {bare, v, vmid}
  function automatic logic [SpaceW-1:0] fence_space(input logic [FenceW-1:0] fence);
    fence_space = {2'b01, fence[FenceAtVmid +: VmidW]};
    if (fence[FenceAtKind +: 3] == mmu_pkg::FenceS ||
        fence[FenceAtKind +: 3] == mmu_pkg::FenceX) begin
      fence_space = '0;
    end
  endfunction

  function automatic logic [SpaceW-1:0] fence_space_mask(input logic [FenceW-1:0] fence);
    fence_space_mask = {2'b01, {VmidW{1'b0}}};
    if (fence[FenceAtKind +: 3] == mmu_pkg::FenceVv ||
        (fence[FenceAtKind +: 3] == mmu_pkg::FenceG && fence[FenceAtVmidEn])) begin
      fence_space_mask = {2'b01, {VmidW{1'b1}}};
    end
  endfunction

  function automatic logic fence_spare_g(input logic [FenceW-1:0] fence);
    case (fence[FenceAtKind +: 3])
      mmu_pkg::FenceG: fence_spare_g = 1'b0;
      mmu_pkg::FenceX: fence_spare_g = fence[FenceAtKeepG];
      default:         fence_spare_g = fence[FenceAtAsidEn];
    endcase
  endfunction

  // KEY-2: which bits of a key count for a page of 2^lg bytes
  function automatic logic [KeyW-1:0] make_mask(input logic [5:0] lg, input logic g);
    make_mask = {{AsidW{~g}}, {KeyVaW{1'b1}} << (lg - 6'd9)};
  endfunction

  // TYP-4: log2 of the page size that bit i of a `pages` field stands for
  function automatic logic [5:0] page_lg(input logic [3:0] i);
    case (i)
      4'd0:    page_lg = 6'd9;
      4'd1:    page_lg = 6'd10;
      4'd2:    page_lg = 6'd11;
      4'd3:    page_lg = 6'd12;
      4'd4:    page_lg = 6'd13;
      4'd5:    page_lg = 6'd14;
      4'd6:    page_lg = 6'd15;
      4'd7:    page_lg = 6'd16;
      4'd8:    page_lg = 6'd21;
      4'd9:    page_lg = 6'd22;
      4'd10:   page_lg = 6'd30;
      4'd11:   page_lg = 6'd39;
      4'd12:   page_lg = 6'd48;
      default: page_lg = 6'd0;
    endcase
  endfunction

  // CFG-3: does an array whose `pages` field this is hold pages of 2^lg bytes?
  function automatic logic pages_hold(input logic [15:0] pages, input logic [5:0] lg);
    pages_hold = 1'b0;
    for (int unsigned i = 0; i < 13; i++) begin
      if (pages[i] && lg == page_lg(4'(i))) pages_hold = 1'b1;
    end
  endfunction

  // log2 of the smallest page size of a `pages` field
  function automatic logic [5:0] first_lg(input logic [15:0] pages);
    first_lg = 6'd9;
    for (int unsigned i = 13; i > 0; i--) begin
      if (pages[i-1]) first_lg = page_lg(4'(i - 1));
    end
  endfunction

endpackage
