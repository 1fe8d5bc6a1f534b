// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// Physical memory protection of one access, by the decoded entries of mmu_pmp_regs.
// Twin: model/cycle/mmu_pmp_check.h. Rules: docs/microarchitecture.md, PMP-3 and PMP-4.
module mmu_pmp_check #(
  parameter int unsigned Entries = 16
) (
  input  logic [Entries*mmu_pkg::PmpRangeW-1:0] ranges_i,   // pmp_range_t an entry, entry 0 lowest
  input  logic [mmu_pkg::PaW-1:0]               pa_i,
  input  logic [2:0]                            acc_i,      // acc_e; any other: there is no access
  input  logic [2:0]                            size_i,     // log2 of the bytes accessed
  input  logic [1:0]                            prv_i,      // priv_e, effective
  input  logic [2:0]                            sec_i,      // mseccfg: MML 0, MMWP 1, RLB 2
  output logic                                  allow_o     // same clock
);

  if (Entries < 1 || Entries > 64) begin : gen_bad_entries
    $fatal(1, "mmu_pmp_check: Entries = %0d, must be 1 to 64", Entries);
  end

  localparam int unsigned W = mmu_pkg::PmpRangeW;
  // Where the fields of pmp_range_t begin: {base, last, on, l, x, w, r}
  localparam int unsigned AtBase = 59;
  localparam int unsigned AtLast = 5;
  localparam int unsigned AtOn   = 4;

  logic [mmu_pkg::PaW:0] past;         // the last byte accessed; may lie above all of PA
  logic [54:0]           first, last;  // 4-byte units accessed
  logic                  machine;
  logic                  mml, mmwp;
  logic                  match;        // an entry decides
  logic                  whole;        // it has the whole access
  logic                  l, x, w, r;   // its bits
  logic [2:0]            rights;       // {x, w, r} of this privilege there

  assign past    = {1'b0, pa_i} + ((57'd1 << size_i) - 57'd1);
  assign first   = {1'b0, pa_i[mmu_pkg::PaW-1:2]};
  assign last    = past[mmu_pkg::PaW:2];
  assign machine = prv_i == mmu_pkg::PrivM;
  assign mml     = sec_i[0];
  assign mmwp    = sec_i[1];

  logic unused_bits;
  assign unused_bits = ^{past[1:0], sec_i[2]};

  // The lowest-numbered entry that matches decides. Without an access nothing is compared.
  always_comb begin
    match = 1'b0;
    whole = 1'b0;
    {l, x, w, r} = '0;
    if (acc_i <= mmu_pkg::AccLoadX) begin
      for (int unsigned i = Entries; i > 0; i--) begin
        if (ranges_i[(i-1)*W + AtOn] && first <= {1'b0, ranges_i[(i-1)*W + AtLast +: 54]} &&
            last >= {1'b0, ranges_i[(i-1)*W + AtBase +: 54]}) begin
          match = 1'b1;
          whole = first >= {1'b0, ranges_i[(i-1)*W + AtBase +: 54]} &&
                  last <= {1'b0, ranges_i[(i-1)*W + AtLast +: 54]};
          {l, x, w, r} = ranges_i[(i-1)*W +: 4];
        end
      end
    end
  end

  // PMP-3, PMP-4
  always_comb begin
    rights = '0;
    if (!match) begin
      if (machine && !mmwp) rights = {~mml, 2'b11};
    end else if (whole) begin
      if (!mml) begin
        rights = (machine && !l) ? 3'b111 : {x, w, r};
      end else if (w && !r) begin                            // M and S, U share it
        rights = l ? {1'b1, 1'b0, machine & x} : {1'b0, machine | x, 1'b1};
      end else if (l && r && w && x) begin
        rights = 3'b001;
      end else if (l == machine) begin
        rights = {x, w, r};
      end
    end
  end

  always_comb begin
    case (acc_i)
      mmu_pkg::AccFetch: allow_o = rights[2];
      mmu_pkg::AccStore: allow_o = rights[1];
      mmu_pkg::AccLoadX: allow_o = rights[0] & rights[2];
      default:           allow_o = rights[0];
    endcase
  end

endmodule
