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
  localparam int unsigned KeyW    = KeyVaW + AsidW;  // 64
  localparam int unsigned DataW   = 64;           // payload of an array row
  localparam int unsigned IdW     = 4;
  localparam int unsigned SlotW   = 3;            // up to 8 walks in flight
  localparam int unsigned MissW   = 3;            // up to 8 misses in flight a port
  localparam int unsigned Ports   = 2;            // 0 instruction, 1 data
  localparam int unsigned Arrays  = 3;            // arrays a TLB level may have
  localparam int unsigned PwcLevels = 4;          // walk caches: pointers of levels 1..4
  localparam int unsigned EventW  = 29;
  // Widths of records. Yosys 0.23 takes an array of records, packed or not, for one record, without
  // a word: arrays and flat ports are vectors of these widths.
  localparam int unsigned RqW     = 138;          // bits of rq_t
  localparam int unsigned EntryW  = 64;           // bits of entry_t
  localparam int unsigned PosW    = 64;           // bits of pos_t
  localparam int unsigned ReqW    = 77;           // bits of req_t
  localparam int unsigned RspW    = 140;          // bits of rsp_t
  localparam int unsigned RowW    = 192;          // bits of row_t
  localparam int unsigned PmpRangeW = 113;        // bits of pmp_range_t

  localparam int unsigned PortI = 0;
  localparam int unsigned PortD = 1;
  localparam int unsigned LevelL1I = 0;
  localparam int unsigned LevelL1D = 1;
  localparam int unsigned LevelL2  = 2;

  // ---- encodings (TYP-2) ------------------------------------------------------------------
  typedef enum logic [2:0] { AccFetch = 3'd0, AccLoad = 3'd1, AccStore = 3'd2 } acc_e;
  typedef enum logic [1:0] { PrivU = 2'd0, PrivS = 2'd1, PrivM = 2'd3 } priv_e;
  typedef enum logic [2:0] { FaultNone = 3'd0, FaultPage = 3'd1, FaultAccess = 3'd2 } fault_e;
  typedef enum logic [1:0] { StartBare = 2'd0, StartFault = 2'd1, StartWalk = 2'd2 } start_e;
  typedef enum logic [1:0] { StepRead = 2'd0, StepLeaf = 2'd1, StepNeedAd = 2'd2,
                             StepFault = 2'd3 } step_e;
  typedef enum logic [2:0] { PolicyPlru = 3'd0, PolicyFifo = 3'd1, PolicyLru = 3'd2,
                             PolicyNru = 3'd3, PolicyRandom = 3'd4 } policy_e;
  typedef enum logic [0:0] { MemRead = 1'd0, MemCas = 1'd1 } memop_e;

  localparam logic [3:0] ModeBare = 4'd0;         // ctx_t.mode, satp.MODE
  localparam logic [3:0] ModeSv32 = 4'd1;
  localparam logic [3:0] ModeSv39 = 4'd8;
  localparam logic [3:0] ModeSv48 = 4'd9;
  localparam logic [3:0] ModeSv57 = 4'd10;

  // ---- records (TYP-3). The first field is the most significant. ---------------------------
  // Context: captured with each request.
  typedef struct packed {
    logic [3:0]       mode;   // satp.MODE: 0 bare, 1 Sv32, 8 Sv39, 9 Sv48, 10 Sv57
    logic [AsidW-1:0] asid;
    logic [43:0]      root;   // satp.PPN, in 4 KiB frames
    logic             sum;
    logic             mxr;
  } ctx_t;                    // 66 bits

  // Slow registers: change only while idle_o is 1.
  typedef struct packed {
    logic adue;               // menvcfg.ADUE: 1 Svadu, 0 Svade
    logic pbmte;              // menvcfg.PBMTE
    logic svnapot;            // Svnapot is there
  } slow_t;

  // A translation request as it travels inside the MMU.
  typedef struct packed {
    logic [VaW-1:0] va;
    logic [2:0]     acc;      // acc_e
    logic [2:0]     size;     // log2 of the bytes accessed
    logic [1:0]     prv;      // priv_e, effective
    ctx_t           ctx;
  } rq_t;                     // 138 bits

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
  } rsp_t;

  // The common leaf entry: payload of the TLB arrays.
  typedef struct packed {
    logic [1:0]      zero;
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
    logic             valid;
    logic             va_en;    // by address
    logic             asid_en;  // by address space
    logic [VaW-1:0]   va;
    logic [AsidW-1:0] asid;
  } fence_t;

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

  // A write of an array row, as the white-box check sees it (ARR-9).
  typedef struct packed {
    logic [KeyW-1:0]  key;
    logic [KeyW-1:0]  mask;
    logic [DataW-1:0] data;
  } row_t;                    // 192 bits

  // ---- functions --------------------------------------------------------------------------
  // KEY-1
  function automatic logic [KeyW-1:0] make_key(input logic [AsidW-1:0] asid,
                                               input logic [VaW-1:0] va);
    make_key = {asid, va[56:9]};
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
