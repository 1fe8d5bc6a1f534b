// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// Physical memory protection of one access, by the decoded entries of mmu_pmp_regs.
// Twin: model/cycle/mmu_pmp_check.h. Rules: docs/microarchitecture.md, PMP-3.
module mmu_pmp_check #(
  parameter int unsigned Entries = 16
) (
  input  logic [Entries*mmu_pkg::PmpRangeW-1:0] ranges_i,   // pmp_range_t an entry, entry 0 lowest
  input  logic [mmu_pkg::PaW-1:0]               pa_i,
  input  logic [2:0]                            acc_i,      // acc_e; any other: there is no access
  input  logic [2:0]                            size_i,     // log2 of the bytes accessed
  input  logic [1:0]                            prv_i,      // priv_e, effective
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
  localparam int unsigned AtL    = 3;
  localparam int unsigned AtX    = 2;
  localparam int unsigned AtW    = 1;
  localparam int unsigned AtR    = 0;

  logic [mmu_pkg::PaW:0] past;         // the last byte accessed; may lie above all of PA
  logic [54:0]           first, last;  // 4-byte units accessed
  logic [1:0]            right;        // which of r, w, x is asked for
  logic                  machine;

  assign past    = {1'b0, pa_i} + ((57'd1 << size_i) - 57'd1);
  assign first   = {1'b0, pa_i[mmu_pkg::PaW-1:2]};
  assign last    = past[mmu_pkg::PaW:2];
  assign machine = prv_i == mmu_pkg::PrivM;

  logic unused_past;
  assign unused_past = ^past[1:0];

  always_comb begin
    case (acc_i)
      mmu_pkg::AccFetch: right = 2'(AtX);
      mmu_pkg::AccStore: right = 2'(AtW);
      default:           right = 2'(AtR);
    endcase
  end

  // The lowest-numbered entry that matches has the last word. Without an access nothing is compared.
  always_comb begin
    allow_o = machine;
    if (acc_i <= mmu_pkg::AccStore) begin
      for (int unsigned i = Entries; i > 0; i--) begin
        if (ranges_i[(i-1)*W + AtOn] && first <= {1'b0, ranges_i[(i-1)*W + AtLast +: 54]} &&
            last >= {1'b0, ranges_i[(i-1)*W + AtBase +: 54]}) begin
          allow_o = first >= {1'b0, ranges_i[(i-1)*W + AtBase +: 54]} &&
                    last <= {1'b0, ranges_i[(i-1)*W + AtLast +: 54]} &&
                    ((machine && !ranges_i[(i-1)*W + AtL]) ||
                     (right == 2'(AtX) && ranges_i[(i-1)*W + AtX]) ||
                     (right == 2'(AtW) && ranges_i[(i-1)*W + AtW]) ||
                     (right == 2'(AtR) && ranges_i[(i-1)*W + AtR]));
        end
      end
    end
  end

endmodule
