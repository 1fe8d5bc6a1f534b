// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// White-box check of an array in flops: attached by mmu_bind.sv to each `mmu_array`. In every clock it
// hands the array's write port (ARR-9), where it writes, and one of its rows, in rotation, to the
// lockstep of the MMU that it stands in; at the end all rows. Costs a branch while not asked for.
//
// It reads the array's registers by name, upwards: ports would copy them in every clock.
module mmu_array_probe
  import mmu_dpi_pkg::*;
#(
  parameter int unsigned Sets    = 1,
  parameter int unsigned Ways    = 4,
  parameter int unsigned ArrayId = 0
) (
  input logic clk_i
);

  localparam int unsigned Rows = Sets * Ways;

  int unsigned row_no;
  bit          phase;

  initial begin
    row_no = 0;
    phase = 1'b0;
  end

  always @(posedge clk_i) begin
    if (u_lockstep.whitebox) begin
      if (mmu_array.wr_en) begin
        mmu_dpi_lockstep_write(u_lockstep.handle, ArrayId, phase,
                               32'(mmu_array.wr_set) * Ways + 32'(mmu_array.wr_way),
                               mmu_array.fill_row_i.vm, mmu_array.fill_row_i.key,
                               mmu_array.fill_row_i.mask,
                               mmu_array.fill_row_i.data);
      end
      mmu_dpi_lockstep_row(u_lockstep.handle, ArrayId, phase, row_no, mmu_array.valid_q[row_no],
                           mmu_array.vm_q[row_no], mmu_array.key_q[row_no], mmu_array.mask_q[row_no],
                           mmu_array.data_q[row_no]);
      row_no = (row_no == Rows - 1) ? 0 : row_no + 1;
      phase = ~phase;
    end
  end

  final begin
    if (mmu_dpi_lockstep_wants_sweep(u_lockstep.handle)) begin
      for (int unsigned r = 0; r < Rows; r++) begin
        mmu_dpi_lockstep_sweep(u_lockstep.handle, ArrayId, r, mmu_array.valid_q[r],
                               mmu_array.vm_q[r], mmu_array.key_q[r], mmu_array.mask_q[r], mmu_array.data_q[r]);
      end
    end
  end

endmodule
