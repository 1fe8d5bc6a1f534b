// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// Registers of physical memory protection; an entry is decoded when it is written.
// Twin: model/cycle/mmu_pmp_regs.c. Rules: docs/microarchitecture.md, PMP-1, PMP-2, PMP-5.
//
//     clock      n                          n+1
//     write_i    entry i                    addr_q, cfg_q, range_q of i; also range_q of i + 1, where
//                                           that is TOR: its base is the address of entry i
//
// Locks (PMP-5) may keep cfg or addr, or both, as they are.
module mmu_pmp_regs #(
  parameter int unsigned Entries = 16
) (
  input  logic                                  clk_i,
  input  logic                                  rst_ni,
  input  mmu_pkg::pmp_write_t                   write_i,    // an entry is written
  input  logic [2:0]                            sec_i,      // mseccfg: MML 0, MMWP 1, RLB 2
  output logic [Entries*mmu_pkg::PmpRangeW-1:0] ranges_o    // pmp_range_t an entry; from state
);

  if (Entries < 1 || Entries > 64) begin : gen_bad_entries
    $fatal(1, "mmu_pmp_regs: Entries = %0d, must be 1 to 64", Entries);
  end

  localparam int unsigned W = mmu_pkg::PmpRangeW;
  // cfg's A field
  localparam logic [1:0] AOff = 2'd0;
  localparam logic [1:0] ATor = 2'd1;
  localparam logic [1:0] ANa4 = 2'd2;

  // PMP-2: below is the address of the entry before.
  function automatic logic [W-1:0] decode(input logic [1:0] a, input logic [3:0] lxwr,
                                          input logic [53:0] addr,
                                          input logic [53:0] below);
    logic [53:0] ones;   // the trailing ones of addr and the 0 above them
    logic [53:0] base, last;
    logic        on;
    ones = addr ^ (addr + 54'd1);
    on   = 1'b1;
    case (a)
      AOff: begin
        on   = 1'b0;
        base = '0;
        last = '0;
      end
      ATor: begin
        on   = below < addr;
        base = below;
        last = addr - 54'd1;
      end
      ANa4: begin
        base = addr;
        last = addr;
      end
      default: begin  // NAPOT
        base = addr & ~ones;
        last = addr | ones;
      end
    endcase
    if (!on) begin
      base = '0;
      last = '0;
    end
    decode = {base, last, on, lxwr};
  endfunction

  // All ranges after the write; only called with one, so that a clock without costs nothing.
  function automatic logic [Entries*W-1:0] put(input logic [Entries*W-1:0] ranges,
                                               input logic [5:0] index, input logic [W-1:0] own,
                                               input logic next_tor, input logic [W-1:0] next);
    put = ranges;
    for (int unsigned i = 0; i < Entries; i++) begin
      if (index == 6'(i)) put[i*W +: W] = own;
      if (i > 0 && index == 6'(i - 1) && next_tor) put[i*W +: W] = next;
    end
  endfunction

  logic [53:0]          addr_q [Entries];
  logic [7:0]           cfg_q  [Entries];
  logic [Entries*W-1:0] range_q;             // pmp_range_t an entry, entry 0 lowest
  logic                 write;
  logic [53:0]          below;               // address of the entry before; 0 for entry 0
  logic [53:0]          next_addr;           // of the entry after, if there is one
  logic [7:0]           next_cfg;
  logic [53:0]          old_addr, new_addr;  // of the entry, before and after the write
  logic [7:0]           old_cfg, new_cfg;
  logic                 mml, rlb;
  logic                 fetches;             // M could fetch by the cfg that is offered (PMP-4)
  logic [W-1:0]         own, next;           // ranges of the two entries after the write

  localparam int unsigned IndexW = (Entries > 1) ? $clog2(Entries) : 1;

  assign mml      = sec_i[0];
  assign rlb      = sec_i[2];
  assign write    = write_i.valid & (32'(write_i.index) < Entries);
  assign ranges_o = range_q;

  always_comb begin
    below     = '0;
    next_addr = '0;
    next_cfg  = '0;
    old_addr  = '0;
    old_cfg   = '0;
    if (write) begin
      old_addr = addr_q[IndexW'(write_i.index)];
      old_cfg  = cfg_q[IndexW'(write_i.index)];
      if (write_i.index != '0) below = addr_q[IndexW'(write_i.index - 6'd1)];
      if (32'(write_i.index) < Entries - 1) begin
        next_addr = addr_q[IndexW'(write_i.index + 6'd1)];
        next_cfg  = cfg_q[IndexW'(write_i.index + 6'd1)];
      end
    end
  end

  always_comb begin
    own      = '0;
    next     = '0;
    new_addr = old_addr;
    new_cfg  = old_cfg;
    if (write) begin
      if (!old_cfg[7] || rlb) begin                                           // PMP-5
        if (!(next_cfg[7] && next_cfg[4:3] == ATor) || rlb) new_addr = write_i.addr;
        if (!(mml && write_i.cfg[7] && fetches) || rlb) new_cfg = write_i.cfg;
      end
      own  = decode(new_cfg[4:3], {new_cfg[7], new_cfg[2:0]}, new_addr, below);
      next = decode(next_cfg[4:3], {next_cfg[7], next_cfg[2:0]}, next_addr, new_addr);
    end
  end

  // cfg's x, w, r: x alone, w without r (shared), x and r
  assign fetches = write_i.cfg[2:0] == 3'b100 || write_i.cfg[1:0] == 2'b10 ||
                   write_i.cfg[2:0] == 3'b101;

  logic unused_bits;
  assign unused_bits = ^{next_cfg, old_cfg, write_i, sec_i};

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      for (int unsigned i = 0; i < Entries; i++) begin
        addr_q[i] <= '0;
        cfg_q[i]  <= '0;
      end
      range_q <= '0;
    end else if (write) begin
      addr_q[IndexW'(write_i.index)] <= new_addr;
      cfg_q[IndexW'(write_i.index)]  <= new_cfg;
      range_q <= put(range_q, write_i.index, own, next_cfg[4:3] == ATor, next);
    end
  end

endmodule
