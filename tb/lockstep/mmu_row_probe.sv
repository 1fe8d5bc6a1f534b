// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// White-box check of an array in memories: attached by mmu_bind.sv to each `mmu_row_array`. As
// mmu_array_probe.sv, but the rows of a way stand in a memory of their own.
module mmu_row_probe
  import mmu_pkg::*;
  import mmu_dpi_pkg::*;
#(
  parameter int unsigned Sets    = 2,
  parameter int unsigned Ways    = 2,
  parameter int unsigned ArrayId = 0
) (
  input logic clk_i
);

  int unsigned set_q;   // whose turn it is
  int unsigned way_q;
  bit          phase_q;

  initial begin
    set_q = 0;
    way_q = 0;
    phase_q = 1'b0;
  end

  always @(posedge clk_i) begin
    if (u_lockstep.whitebox) begin
      if (mmu_row_array.wr_en) begin
        mmu_dpi_lockstep_write(u_lockstep.handle, ArrayId, phase_q,
                               32'(mmu_row_array.wr_set) * Ways + 32'(mmu_row_array.wr_way),
                               mmu_row_array.fill_row_i.vm, mmu_row_array.fill_row_i.key,
                               mmu_row_array.fill_row_i.mask,
                               mmu_row_array.fill_row_i.data);
      end
      way_q <= (way_q == Ways - 1) ? 0 : way_q + 1;
      if (way_q == Ways - 1) set_q <= (set_q == Sets - 1) ? 0 : set_q + 1;
      phase_q <= ~phase_q;
    end
  end

  for (genvar w = 0; w < Ways; w++) begin : gen_way
    row_t row;
    row_t last;

    always @(posedge clk_i) begin
      if (u_lockstep.whitebox && way_q == w) begin
        row = RowW'(mmu_row_array.gen_way[w].mem[set_q]);
        mmu_dpi_lockstep_row(u_lockstep.handle, ArrayId, phase_q, set_q * Ways + w,
                             mmu_row_array.valid_q[set_q * Ways + w], row.vm, row.key, row.mask, row.data);
      end
    end

    final begin
      if (mmu_dpi_lockstep_wants_sweep(u_lockstep.handle)) begin
        for (int unsigned s = 0; s < Sets; s++) begin
          last = RowW'(mmu_row_array.gen_way[w].mem[s]);
          mmu_dpi_lockstep_sweep(u_lockstep.handle, ArrayId, s * Ways + w,
                                 mmu_row_array.valid_q[s * Ways + w], last.vm, last.key, last.mask,
                                 last.data);
        end
      end
    end
  end

endmodule
