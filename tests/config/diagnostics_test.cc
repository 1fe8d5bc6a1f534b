// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// What a user reads about each mistake in a configuration file: golden texts. Each case is the valid text of
// yaml.h with one place changed.
#include "config/yaml.h"
#include "lockwalk/mmu_config.h"

#include <gtest/gtest.h>

namespace
{

struct Case {
    const char *name, *from, *to, *errors;
};

// The last line of the valid text; what follows it is line 22.
#define LAST "    - {level: 1, ways: 3, policy: fifo}\n"

const Case cases[] = {
    {"unknown_root_key", "asid_bits", "asid_bit",
     "f.yaml:2:1: error: 'asid_bit' is not a key of the configuration; allowed: about, formats, asid_bits, "
     "pmp, ports, l2, walker, hypervisor; did you mean 'asid_bits'?\n"},
    {"unknown_key", "walks: 2", "wlaks: 2",
     "f.yaml:18:3: error: 'wlaks' is not a key of walker; allowed: walks, caches; did you mean 'walks'?\n"},
    {"unknown_key_like_none_other", "  walks: 2\n", "  walks: 2\n  speed: 9\n",
     "f.yaml:19:3: error: 'speed' is not a key of walker; allowed: walks, caches\n"},
    {"unknown_key_in_array", "{sets: 2, ways: 2, pages: [4K], policy: fifo}",
     "{sets: 2, ways: 2, page: [4K], policy: fifo}",
     "f.yaml:11:28: error: 'page' is not a key of ports.data.arrays[0]; allowed: sets, ways, pages, policy; "
     "did you mean 'pages'?\n"},
    {"key_that_is_a_list", "  walks: 2\n", "  walks: 2\n  ? [a, b]\n  : 1\n",
     "f.yaml:19:5: error: a list is not a key of walker; allowed: walks, caches\n"},
    {"doubled_key", "  walks: 2\n", "  walks: 2\n  walks: 3\n",
     "f.yaml:19:3: error: 'walks' is twice in walker; allowed: once (first in line 18)\n"},
    {"doubled_root_key", "asid_bits: 4\n", "asid_bits: 4\nasid_bits: 4\n",
     "f.yaml:3:1: error: 'asid_bits' is twice in the configuration; allowed: once (first in line 2)\n"},
    {"missing_walks", "  walks: 2\n", "", "f.yaml:18:3: error: walker has no 'walks'; allowed: 1 to 8\n"},
    {"missing_formats", "formats: [riscv]\n", "",
     "f.yaml:1:1: error: the configuration has no 'formats'; allowed: a list of paging formats, e.g. "
     "[riscv]\n"},
    {"missing_in_array", "{sets: 2, ways: 2, pages: [4K], policy: fifo}",
     "{sets: 2, pages: [4K], policy: fifo}",
     "f.yaml:11:9: error: ports.data.arrays[0] has no 'ways'; allowed: 1 to 64\n"},
    {"missing_l2", "l2:\n  latency: 3\n  arrays:\n    - {sets: 16, ways: 4, pages: [4K, 2M], policy: plru}\n",
     "", "f.yaml:1:1: error: the configuration has no 'l2'; allowed: none, or {latency, arrays}\n"},
    {"number_that_is_a_word", "misses: 3", "misses: three",
     "f.yaml:9:13: error: ports.data.misses is 'three'; allowed: a whole number, 1 to 8\n"},
    {"number_that_is_a_text", "misses: 3", "misses: '3'",
     "f.yaml:9:13: error: ports.data.misses is the text '3'; allowed: a whole number, 1 to 8\n"},
    {"number_that_is_a_list", "misses: 3", "misses: [3]",
     "f.yaml:9:13: error: ports.data.misses is a list; allowed: a whole number, 1 to 8\n"},
    {"number_that_is_a_mapping", "misses: 3", "misses: {a: 3}",
     "f.yaml:9:13: error: ports.data.misses is a mapping; allowed: a whole number, 1 to 8\n"},
    {"number_that_is_empty", "misses: 3",
     "misses:", "f.yaml:9:12: error: ports.data.misses is empty; allowed: a whole number, 1 to 8\n"},
    {"number_that_is_negative", "misses: 3", "misses: -3",
     "f.yaml:9:13: error: ports.data.misses is '-3'; allowed: a whole number, 1 to 8\n"},
    {"number_that_is_hexadecimal", "misses: 3", "misses: 0x3",
     "f.yaml:9:13: error: ports.data.misses is '0x3'; allowed: a whole number, 1 to 8\n"},
    {"number_that_is_octal", "misses: 3", "misses: 03",
     "f.yaml:9:13: error: ports.data.misses is 03; allowed: a whole number, 1 to 8\n"},
    {"number_that_is_a_fraction", "misses: 3", "misses: 3.0",
     "f.yaml:9:13: error: ports.data.misses is '3.0'; allowed: a whole number, 1 to 8\n"},
    {"number_with_a_letter", "misses: 3", "misses: 3k",
     "f.yaml:9:13: error: ports.data.misses is '3k'; allowed: a whole number, 1 to 8\n"},
    {"number_too_long", "misses: 3", "misses: 4294967299",
     "f.yaml:9:13: error: ports.data.misses is 4294967299; allowed: a whole number, 1 to 8\n"},
    {"misses_0", "misses: 3", "misses: 0",
     "f.yaml:9:13: error: ports.data.misses is 0; allowed: a whole number, 1 to 8\n"},
    {"misses_9", "misses: 3", "misses: 9",
     "f.yaml:9:13: error: ports.data.misses is 9; allowed: a whole number, 1 to 8\n"},
    {"walks_0", "walks: 2", "walks: 0",
     "f.yaml:18:10: error: walker.walks is 0; allowed: a whole number, 1 to 8\n"},
    {"walks_9", "walks: 2", "walks: 9",
     "f.yaml:18:10: error: walker.walks is 9; allowed: a whole number, 1 to 8\n"},
    {"asid_bits_17", "asid_bits: 4", "asid_bits: 17",
     "f.yaml:2:12: error: asid_bits is 17; allowed: a whole number, 0 to 16\n"},
    {"pmp_8", "asid_bits: 4\n", "asid_bits: 4\npmp: 8\n",
     "f.yaml:3:6: error: pmp is 8; allowed: 0, 16 or 64\n"},
    {"pmp_65", "asid_bits: 4\n", "asid_bits: 4\npmp: 65\n",
     "f.yaml:3:6: error: pmp is 65; allowed: 0, 16 or 64\n"},
    {"pmp_none", "asid_bits: 4\n", "asid_bits: 4\npmp: none\n",
     "f.yaml:3:6: error: pmp is 'none'; allowed: 0, 16 or 64\n"},
    {"latency_0", "latency: 3", "latency: 0",
     "f.yaml:14:12: error: l2.latency is 0; allowed: a whole number, 1 to 15\n"},
    {"latency_16", "latency: 3", "latency: 16",
     "f.yaml:14:12: error: l2.latency is 16; allowed: a whole number, 1 to 15\n"},
    {"sets_0", "sets: 2", "sets: 0",
     "f.yaml:11:16: error: ports.data.arrays[0].sets is 0; allowed: a power of two, 1 to 4096\n"},
    {"sets_3", "sets: 2", "sets: 3",
     "f.yaml:11:16: error: ports.data.arrays[0].sets is 3; allowed: a power of two, 1 to 4096\n"},
    {"sets_8192", "sets: 2", "sets: 8192",
     "f.yaml:11:16: error: ports.data.arrays[0].sets is 8192; allowed: a power of two, 1 to 4096\n"},
    {"ways_0", "ways: 8", "ways: 0",
     "f.yaml:12:25: error: ports.data.arrays[1].ways is 0; allowed: a whole number, 1 to 64\n"},
    {"ways_65", "ways: 8", "ways: 65",
     "f.yaml:12:25: error: ports.data.arrays[1].ways is 65; allowed: a whole number, 1 to 64\n"},
    {"policy", "sets: 2, ways: 2, pages: [4K], policy: fifo", "sets: 2, ways: 2, pages: [4K], policy: fif0",
     "f.yaml:11:49: error: ports.data.arrays[0].policy is 'fif0'; allowed: plru, fifo, lru, "
     "nru, random; did you mean 'fifo'?\n"},
    {"policy_far", "sets: 2, ways: 2, pages: [4K], policy: fifo",
     "sets: 2, ways: 2, pages: [4K], policy: clock",
     "f.yaml:11:49: error: ports.data.arrays[0].policy is 'clock'; allowed: plru, fifo, lru, nru, random\n"},
    {"policy_list", "sets: 2, ways: 2, pages: [4K], policy: fifo",
     "sets: 2, ways: 2, pages: [4K], policy: [fifo]",
     "f.yaml:11:49: error: ports.data.arrays[0].policy is a list; allowed: plru, fifo, lru, nru, random\n"},
    {"page_size", "[4K], policy", "[4KB], policy",
     "f.yaml:11:36: error: ports.data.arrays[0].pages[0] is '4KB'; allowed: 512, 1K, 2K, 4K, 8K, 16K, 32K, "
     "64K, 2M, 4M, 1G, 512G, 256T; did you mean '4K'?\n"},
    {"page_size_3K", "[4K], policy", "[3K], policy",
     "f.yaml:11:36: error: ports.data.arrays[0].pages[0] is '3K'; allowed: 512, 1K, 2K, 4K, 8K, 16K, 32K, "
     "64K, 2M, 4M, 1G, 512G, 256T; did you mean '32K'?\n"},
    {"page_size_twice", "[2M, 1G], policy: plru}\nl2", "[2M, 1G, 2M], policy: plru}\nl2",
     "f.yaml:12:44: error: ports.data.arrays[1].pages[2] is 2M again; allowed: each once\n"},
    {"pages_empty", "[4K], policy", "[], policy",
     "f.yaml:11:35: error: ports.data.arrays[0].pages has 0 items; allowed: a list of page sizes, e.g. [4K, "
     "2M]\n"},
    {"pages_word", "[4K], policy", "4K, policy",
     "f.yaml:11:35: error: ports.data.arrays[0].pages is '4K'; allowed: a list of page sizes, e.g. [4K, "
     "2M]\n"},
    {"format", "[riscv]", "[risc-v]",
     "f.yaml:1:11: error: formats[0] is 'risc-v'; allowed: riscv, x86, bounds, segment, linear, directory, "
     "inverted, segpage; did you mean 'riscv'?\n"},
    {"format_other", "[riscv]", "[arm]",
     "f.yaml:1:11: error: formats[0] is 'arm'; allowed: riscv, x86, bounds, segment, linear, directory, "
     "inverted, "
     "segpage\n"},
    {"format_twice", "[riscv]", "[riscv, x86, riscv]",
     "f.yaml:1:23: error: formats[2] is riscv again; allowed: each once\n"},
    {"hypervisor_without_riscv", "[riscv]",
     "[x86, segment]\nhypervisor: {vmid_bits: 1, tlb: none, caches: none}",
     "f.yaml:2:13: error: hypervisor is 1; allowed: 0 without riscv in `formats`, which alone has two "
     "stages\n"},
    {"pages_of_another_format", "[riscv]", "[segment]",
     "f.yaml:7:35: error: ports.instruction.arrays[0].pages is [4K, 2M, 1G], of which no format in `formats` "
     "has a "
     "page; allowed: 64K\n"
     "f.yaml:11:35: error: ports.data.arrays[0].pages is [4K], of which no format in `formats` has a page; "
     "allowed: "
     "64K\n"
     "f.yaml:12:35: error: ports.data.arrays[1].pages is [2M, 1G], of which no format in `formats` has a "
     "page; "
     "allowed: 64K\n"
     "f.yaml:16:34: error: l2.arrays[0].pages is [4K, 2M], of which no format in `formats` has a page; "
     "allowed: 64K\n"},
    {"pages_of_a_format_without", "[riscv]", "[bounds]",
     "f.yaml:7:35: error: ports.instruction.arrays[0].pages is [4K, 2M, 1G], of which no format in `formats` "
     "has a "
     "page; allowed: no array (arrays: none, l2: none)\n"
     "f.yaml:11:35: error: ports.data.arrays[0].pages is [4K], of which no format in `formats` has a page; "
     "allowed: "
     "no array (arrays: none, l2: none)\n"
     "f.yaml:12:35: error: ports.data.arrays[1].pages is [2M, 1G], of which no format in `formats` has a "
     "page; "
     "allowed: no array (arrays: none, l2: none)\n"
     "f.yaml:16:34: error: l2.arrays[0].pages is [4K, 2M], of which no format in `formats` has a page; "
     "allowed: no "
     "array (arrays: none, l2: none)\n"},
    {"formats_empty", "[riscv]", "[]",
     "f.yaml:1:10: error: formats has 0 items; allowed: a list of paging formats, e.g. [riscv]\n"},
    {"arrays_empty", "    arrays:\n      - {sets: 1, ways: 4, pages: [4K, 2M, 1G], policy: plru}\n",
     "    arrays: []\n",
     "f.yaml:6:13: error: ports.instruction.arrays has 0 items; allowed: none, or a list of 1 to 3 arrays\n"},
    {"arrays_mapping", "      - {sets: 1, ways: 4, pages: [4K, 2M, 1G], policy: plru}\n",
     "      {sets: 1, ways: 4, pages: [4K, 2M, 1G], policy: plru}\n",
     "f.yaml:7:7: error: ports.instruction.arrays is a mapping; allowed: none, or a list of 1 to 3 arrays\n"},
    {"arrays_of_words", "      - {sets: 1, ways: 4, pages: [4K, 2M, 1G], policy: plru}\n", "      - plru\n",
     "f.yaml:7:9: error: ports.instruction.arrays[0] is 'plru'; allowed: {sets, ways, pages, policy}\n"},
    {"arrays_4", "    - {sets: 16, ways: 4, pages: [4K, 2M], policy: plru}\n",
     "    - {sets: 1, ways: 4, pages: [4K], policy: plru}\n    - {sets: 1, ways: 4, pages: [64K], policy: "
     "plru}\n    - {sets: 1, ways: 4, pages: [2M], policy: plru}\n    - {sets: 1, ways: 4, pages: [1G], "
     "policy: plru}\n",
     "f.yaml:16:5: error: l2.arrays has 4 items; allowed: a list of 1 to 3 arrays\n"},
    {"ports_word",
     "ports:\n  instruction:\n    misses: 2\n    arrays:\n      - {sets: 1, ways: 4, pages: [4K, 2M, 1G], "
     "policy: plru}\n  data:\n    misses: 3\n    arrays:\n      - {sets: 2, ways: 2, pages: [4K], policy: "
     "fifo}\n      - {sets: 1, ways: 8, pages: [2M, 1G], policy: plru}\n",
     "ports: two\n", "f.yaml:3:8: error: ports is 'two'; allowed: {instruction, data}\n"},
    {"l2_word", "l2:\n  latency: 3\n  arrays:\n    - {sets: 16, ways: 4, pages: [4K, 2M], policy: plru}\n",
     "l2: off\n", "f.yaml:13:5: error: l2 is 'off'; allowed: none, or {latency, arrays}\n"},
    {"caches_word",
     "  caches:\n    - {level: 2, ways: 4, policy: plru}\n    - {level: 1, ways: 3, policy: fifo}\n",
     "  caches: nothing\n",
     "f.yaml:19:11: error: walker.caches is 'nothing'; allowed: none, or a list of 1 to 4 walk caches\n"},
    {"caches_empty",
     "  caches:\n    - {level: 2, ways: 4, policy: plru}\n    - {level: 1, ways: 3, policy: fifo}\n",
     "  caches: []\n",
     "f.yaml:19:11: error: walker.caches has 0 items; allowed: none, or a list of 1 to 4 walk caches\n"},
    {"cache_level_0", "level: 2", "level: 0",
     "f.yaml:20:15: error: walker.caches[0].level is 0; allowed: a whole number, 1 to 4 (0 is the last "
     "level: its entries are leaves)\n"},
    {"cache_level_5", "level: 2", "level: 5",
     "f.yaml:20:15: error: walker.caches[0].level is 5; allowed: a whole number, 1 to 4 (0 is the last "
     "level: its entries are leaves)\n"},
    {"cache_level_twice", "level: 2", "level: 1",
     "f.yaml:21:15: error: walker.caches[1].level is 1 again; allowed: one walk cache a level\n"},
    {"cache_word", "    - {level: 2, ways: 4, policy: plru}\n", "    - 2\n",
     "f.yaml:20:7: error: walker.caches[0] is 2; allowed: {level, ways, policy}\n"},
    {"hypervisor_word", LAST, LAST "hypervisor: yes\n",
     "f.yaml:22:13: error: hypervisor is 'yes'; allowed: none, or {vmid_bits, tlb, caches}\n"},
    {"hypervisor_empty", LAST, LAST "hypervisor: {}\n",
     "f.yaml:22:13: error: hypervisor has no 'vmid_bits'; allowed: 0 to 14\n"
     "f.yaml:22:13: error: hypervisor has no 'tlb'; allowed: none, or {ways, policy}\n"
     "f.yaml:22:13: error: hypervisor has no 'caches'; allowed: none, or a list of walk caches\n"},
    {"hypervisor_key", LAST, LAST "hypervisor: {vmid_bit: 3, tlb: none, caches: none}\n",
     "f.yaml:22:14: error: 'vmid_bit' is not a key of hypervisor; allowed: vmid_bits, tlb, caches; did you "
     "mean 'vmid_bits'?\n"},
    {"vmid_bits_15", LAST, LAST "hypervisor: {vmid_bits: 15, tlb: none, caches: none}\n",
     "f.yaml:22:25: error: hypervisor.vmid_bits is 15; allowed: a whole number, 0 to 14\n"},
    {"g_tlb_word", LAST, LAST "hypervisor: {vmid_bits: 1, tlb: 8, caches: none}\n",
     "f.yaml:22:33: error: hypervisor.tlb is 8; allowed: none, or {ways, policy}\n"},
    {"g_tlb_ways_0", LAST, LAST "hypervisor: {vmid_bits: 1, tlb: {ways: 0, policy: plru}, caches: none}\n",
     "f.yaml:22:40: error: hypervisor.tlb.ways is 0; allowed: a whole number, 1 to 64\n"},
    {"g_tlb_policy", LAST, LAST "hypervisor: {vmid_bits: 1, tlb: {ways: 2, policy: lur}, caches: none}\n",
     "f.yaml:22:51: error: hypervisor.tlb.policy is 'lur'; allowed: plru, fifo, lru, nru, random; did you "
     "mean 'lru'?\n"},
    {"g_caches_word", LAST, LAST "hypervisor: {vmid_bits: 1, tlb: none, caches: 3}\n",
     "f.yaml:22:47: error: hypervisor.caches is 3; allowed: none, or a list of 1 to 4 walk caches\n"},
    {"g_cache_level_twice", LAST,
     LAST "hypervisor: {vmid_bits: 1, tlb: none, caches: [{level: 2, ways: 1, policy: fifo}, {level: 2, "
          "ways: 2, policy: fifo}]}\n",
     "f.yaml:22:91: error: hypervisor.caches[1].level is 2 again; allowed: one walk cache a level\n"},
    {"rule_g_tlb", LAST, LAST "hypervisor: {vmid_bits: 1, tlb: {ways: 6, policy: plru}, caches: none}\n",
     "f.yaml:22:40: error: hypervisor.tlb.ways is 6 with policy plru; allowed: with plru a power of two (1, "
     "2, 4, 8, 16, 32, 64), with lru 1 to 16, with fifo, nru and random 1 to 64\n"},
    {"rule_g_cache", LAST,
     LAST "hypervisor: {vmid_bits: 1, tlb: none, caches: [{level: 2, ways: 20, policy: lru}]}\n",
     "f.yaml:22:65: error: hypervisor.caches[level 2].ways is 20 with policy lru; allowed: with plru a power "
     "of two (1, 2, 4, 8, 16, 32, 64), with lru 1 to 16, with fifo, nru and random 1 to 64\n"},
    {"about_list", "asid_bits: 4", "about: [a]\nasid_bits: 4",
     "f.yaml:2:8: error: about is a list; allowed: one line of text, up to 127 bytes\n"},
    {"about_lines", "asid_bits: 4", "about: \"a\\nb\"\nasid_bits: 4",
     "f.yaml:2:8: error: about is the text 'a?b'; allowed: one line of text, up to 127 bytes\n"},
    {"rule_plru", "ways: 8", "ways: 6",
     "f.yaml:12:25: error: ports.data.arrays[1].ways is 6 with policy plru; allowed: with plru a power of "
     "two "
     "(1, 2, 4, 8, 16, 32, 64), with lru 1 to 16, with fifo, nru and random 1 to 64\n"},
    {"rule_plru_cache", "{level: 2, ways: 4", "{level: 2, ways: 5",
     "f.yaml:20:24: error: walker.caches[level 2].ways is 5 with policy plru; allowed: with plru a power of "
     "two (1, 2, 4, 8, 16, 32, 64), with lru 1 to 16, with fifo, nru and random 1 to 64\n"},
    {"rule_lru", "{level: 1, ways: 3, policy: fifo}", "{level: 1, ways: 17, policy: lru}",
     "f.yaml:21:24: error: walker.caches[level 1].ways is 17 with policy lru; allowed: with plru a power of "
     "two (1, 2, 4, 8, 16, 32, 64), with lru 1 to 16, with fifo, nru and random 1 to 64\n"},
    {"rule_l1_probes", "{sets: 1, ways: 4, pages: [4K, 2M, 1G]",
     "{sets: 4, ways: 4, pages: [512, 1K, 2K, 4K, 8K, 16K, 32K, 64K, 2M]",
     "f.yaml:7:35: error: ports.instruction.arrays[0].pages is [512, 1K, 2K, 4K, 8K, 16K, 32K, 64K, 2M] with "
     "4 sets, "
     "which makes a look-up take up to 9 clocks; allowed: 8 (one, and one more for each further page size of "
     "an array "
     "with several sets)\n"},
    {"rule_size_twice", "[2M, 1G], policy: plru}\nl2", "[4K, 2M], policy: plru}\nl2",
     "f.yaml:12:35: error: ports.data.arrays[1].pages has 4K, which arrays[0] of the same level holds too; "
     "allowed: a page size in one array only\n"},
    {"rule_order", "pages: [4K], policy: fifo}\n      - {sets: 1, ways: 8, pages: [2M, 1G]",
     "pages: [1G], policy: fifo}\n      - {sets: 1, ways: 8, pages: [4K, 2M]",
     "f.yaml:12:35: error: ports.data.arrays[1].pages is [4K, 2M] after arrays[0] with [1G]; allowed: arrays "
     "with smaller pages first\n"},
    {"syntax", "sets: 16, ways: 4, pages: [4K, 2M]", "sets: 16, ways: 4, pages: [4K, 2M",
     "f.yaml:16:55: error: not YAML: did not find expected ',' or ']' (while parsing a flow sequence, line "
     "16)\n"},
    {"syntax_tab", "  walks: 2", "\twalks: 2",
     "f.yaml:18:1: error: not YAML: found character that cannot start any token (while scanning for the next "
     "token, line 18)\n"},
    {"syntax_alias", "asid_bits: 4", "asid_bits: *four",
     "f.yaml:2:12: error: not YAML: found undefined alias\n"},
    {"second_document", "    - {level: 1, ways: 3, policy: fifo}\n",
     "    - {level: 1, ways: 3, policy: fifo}\n---\na: 1\n",
     "f.yaml:23:1: error: a second document; allowed: one configuration a file\n"},
    {"control_characters_are_hidden", "misses: 3", "misses: \"3\\e[31m\"",
     "f.yaml:9:13: error: ports.data.misses is the text '3?[31m'; allowed: a whole number, 1 to 8\n"},
    {"long_values_are_cut", "misses: 3", "misses: aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeee",
     "f.yaml:9:13: error: ports.data.misses is 'aaaaaaaaaabbbbbbbbbbccccccccccdddddddddd...'; allowed: a "
     "whole number, 1 to 8\n"},
    {"several_at_once", "asid_bits: 4\nports:\n  instruction:\n    misses: 2\n",
     "asid_bits: 44\nports:\n  instruction:\n    missed: 2\n",
     "f.yaml:2:12: error: asid_bits is 44; allowed: a whole number, 0 to 16\n"
     "f.yaml:5:5: error: 'missed' is not a key of ports.instruction; allowed: misses, arrays; did you mean "
     "'misses'?\n"}};

class Diagnostic : public testing::TestWithParam<Case>
{
};

TEST_P(Diagnostic, is_told)
{
    const Case &c = GetParam();
    const std::string text = edited(c.from, c.to);
    mmu_cfg_t cfg;
    mmu_cfg_errors_t errors;
    EXPECT_FALSE(mmu_cfg_parse(text.data(), text.size(), "f.yaml", &cfg, nullptr, &errors));
    EXPECT_STREQ(errors.text, c.errors);
    unsigned lines = 0;
    for (const char *at = errors.text; *at != '\0'; at++)
        lines += *at == '\n';
    EXPECT_EQ(errors.count, lines);
}

INSTANTIATE_TEST_SUITE_P(config, Diagnostic, testing::ValuesIn(cases),
                         [](const auto &i) { return std::string(i.param.name); });

// ---- texts that are no configuration at all ------------------------------------------------------------

struct Text {
    std::string text;
    const char *errors;
};

class Refused : public testing::TestWithParam<Text>
{
};

TEST_P(Refused, is_told)
{
    const std::string &text = GetParam().text;
    mmu_cfg_t cfg;
    mmu_cfg_errors_t errors;
    EXPECT_FALSE(mmu_cfg_parse(text.data(), text.size(), "f.yaml", &cfg, nullptr, &errors));
    EXPECT_STREQ(errors.text, GetParam().errors);
}

INSTANTIATE_TEST_SUITE_P(
    config, Refused,
    testing::Values(
        Text{"", "f.yaml:1:1: error: the file is empty; allowed: a configuration, e.g. what `lockwalk config "
                 "show tiny` "
                 "prints\n"},
        Text{"# only a comment\n",
             "f.yaml:1:1: error: the file is empty; allowed: a configuration, e.g. what `lockwalk "
             "config show tiny` prints\n"},
        Text{"- a\n",
             "f.yaml:1:1: error: the configuration is a list; allowed: {formats, asid_bits, ports, l2, "
             "walker}\n"},
        Text{"tiny\n",
             "f.yaml:1:1: error: the configuration is 'tiny'; allowed: {formats, asid_bits, ports, l2, "
             "walker}\n"},
        // A list that contains itself ends the reading, not the program.
        Text{"formats: &f [*f]\n",
             "f.yaml:1:1: error: the configuration has no 'asid_bits'; allowed: 0 to 16\n"
             "f.yaml:1:1: error: the configuration has no 'ports'; allowed: {instruction, data}\n"
             "f.yaml:1:1: error: the configuration has no 'l2'; allowed: none, or {latency, arrays}\n"
             "f.yaml:1:1: error: the configuration has no 'walker'; allowed: {walks, caches}\n"
             "f.yaml:1:10: error: formats[0] is a list; allowed: riscv, x86, bounds, segment, linear, "
             "directory, inverted, "
             "segpage\n"},
        Text{std::string("\x7f\x45\x4c\x46\x02\x01\x01\x00", 8),
             "f.yaml: error: not a text file: control characters are not allowed at byte 0; allowed: YAML in "
             "UTF-8\n"},
        Text{"about: \xff\xfe\n", "f.yaml: error: not a text file: invalid leading UTF-8 octet at byte 7; "
                                  "allowed: YAML in UTF-8\n"}));

} // namespace
