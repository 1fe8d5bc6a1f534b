# Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
#
# Builds OUT/lockwalk-sim: the bench and the RTL by Verilator, and the C of the model beside them. `lockwalk cosim`
# runs it in the source tree's root, so that all names are relative and a copied tree finds the same objects in
# ccache. By hand:
#
#     make -f tb/verilator/sim.mk -j2 OUT=/tmp/sim CFG="$(build/lockwalk config hex tiny)"
#
#   OUT  folder of the result; objects are below it
#   CFG  the configuration's vector in hex digits, or as `lockwalk config hex` prints it
#   RTL  folder of the RTL, default rtl
#   WAVE 1: one that can write waves (tb/wave; docs/lockstep.md), several times slower while it does
RTL       ?= rtl
CCACHE    := $(shell command -v ccache)
VERILATOR ?= verilator
CFG_BITS  := $(shell sed -n 's/.*CfgW = \([0-9]*\);.*/\1/p' $(RTL)/mmu_cfg_pkg.sv)
OPT       := -O3
# What runs once, for a wave, is to be built soon rather than to be fast.
RTL_OPT   := $(if $(WAVE),-O1,$(OPT))

cfg       := $(lastword $(subst 'h, ,$(CFG)))

ifeq ($(strip $(OUT)),)
  $(error OUT=folder is missing)
endif
ifeq ($(strip $(CFG)),)
  $(error CFG=hex digits is missing)
endif

# ---- Verilator ---------------------------------------------------------------------------------------------------
# Waivers come first, then packages, then modules; each name once.
tb       := $(shell find tb -type f $(if $(WAVE),,-not -path 'tb/wave/*'))
waivers  := $(sort $(shell find $(RTL) -name '*.vlt') $(filter %.vlt,$(tb)))
packages := $(RTL)/mmu_pkg.sv $(RTL)/mmu_cfg_pkg.sv tb/lockstep/mmu_dpi_pkg.sv
modules  := $(filter-out $(packages),$(sort $(shell find $(RTL) -name '*.sv') $(filter %.sv,$(tb))))
obj      := $(OUT)/obj

verilator_flags := --cc --top-module mmu_tb --prefix Vmmu_tb --Mdir $(obj) -Wall -O3 --no-timing \
  -I$(RTL)/format \
  --x-initial unique --x-assign fast --inline-mult 2000 -GCfg=$(CFG_BITS)\'h$(cfg) \
  $(if $(WAVE),--trace-fst --trace-structs --trace-max-array 1024 --trace-max-width 4096)

$(obj)/Vmmu_tb.mk: $(waivers) $(packages) $(modules) $(RTL)/format/mmu_formats.svh
	@mkdir -p $(obj)
	@echo "== Verilator: $(words $(modules)) modules"
	$(VERILATOR) $(verilator_flags) $(waivers) $(packages) $(modules)

# ---- the verilated library ---------------------------------------------------------------------------------------
verilated := $(obj)/Vmmu_tb__ALL.a
runtime   := verilated.o verilated_dpi.o verilated_threads.o $(if $(WAVE),verilated_fst_c.o)

$(verilated): $(obj)/Vmmu_tb.mk
	@echo "== C++ of the RTL"
	$(MAKE) -C $(obj) -f Vmmu_tb.mk OBJCACHE=$(CCACHE) OPT_FAST="$(RTL_OPT)" OPT_SLOW="-O0" OPT_GLOBAL="$(RTL_OPT)" \
	  VM_USER_CFLAGS="-DVL_USER_STOP" Vmmu_tb__ALL.a $(runtime)

# ---- C and C++ of model and bench --------------------------------------------------------------------------------
# All of the model; of the command only its command line.
c_sources := $(sort $(filter %.c,$(tb)) $(shell find model -name '*.c' -not -path 'model/cli/*' -not -path 'model/run/*' -not -path 'model/report/*' -not -path 'model/config/gen/*')) \
  model/cli/mmu_cosim_args.c
objects   := $(c_sources:%.c=$(OUT)/c/%.o)
includes  := -Imodel/include -Imodel -Itb -I$(obj) -isystem /usr/share/verilator/include \
  -isystem /usr/share/verilator/include/vltstd
warnings  := -Wall -Wextra -Wpedantic -Wshadow
wave      := $(if $(WAVE),-DLOCKWALK_WAVE -DVM_TRACE=1 -DVM_TRACE_FST=1)
libraries := $(shell pkg-config --libs jansson libzstd liblzma zlib yaml-0.1)

$(objects): $(OUT)/c/%.o: %.c $(obj)/Vmmu_tb.mk
	@mkdir -p $(dir $@)
	$(CCACHE) $(CC) -std=c11 -D_GNU_SOURCE '-DMMU_DPI_HEADER="Vmmu_tb__Dpi.h"' $(OPT) $(warnings) -Wconversion \
	  $(includes) -c $< -o $@

$(OUT)/c/model.a: $(objects)
	rm -f $@
	$(AR) rcs $@ $^

$(OUT)/c/main.o: tb/verilator/main.cpp $(obj)/Vmmu_tb.mk
	@mkdir -p $(dir $@)
	$(CCACHE) $(CXX) -std=c++17 -DVL_USER_STOP '-DLOCKWALK_CFG="$(cfg)"' $(wave) $(OPT) $(warnings) $(includes) -c $< -o $@

$(OUT)/lockwalk-sim: $(OUT)/c/main.o $(OUT)/c/model.a $(verilated)
	@echo "== link"
	$(CXX) $(OPT) -o $@.part $(OUT)/c/main.o $(verilated) $(runtime:%=$(obj)/%) $(OUT)/c/model.a $(libraries) -pthread
	mv $@.part $@

.DEFAULT_GOAL := $(OUT)/lockwalk-sim
