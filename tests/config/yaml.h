// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// A small valid configuration, and substitutions on it.
#ifndef LOCKWALK_TESTS_CONFIG_YAML_H
#define LOCKWALK_TESTS_CONFIG_YAML_H

#include <stdexcept>
#include <string>

inline const char valid_yaml[] = "formats: [riscv]\n"                                              // 1
                                 "asid_bits: 4\n"                                                  // 2
                                 "ports:\n"                                                        // 3
                                 "  instruction:\n"                                                // 4
                                 "    misses: 2\n"                                                 // 5
                                 "    arrays:\n"                                                   // 6
                                 "      - {sets: 1, ways: 4, pages: [4K, 2M, 1G], policy: plru}\n" // 7
                                 "  data:\n"                                                       // 8
                                 "    misses: 3\n"                                                 // 9
                                 "    arrays:\n"                                                   // 10
                                 "      - {sets: 2, ways: 2, pages: [4K], policy: fifo}\n"         // 11
                                 "      - {sets: 1, ways: 8, pages: [2M, 1G], policy: plru}\n"     // 12
                                 "l2:\n"                                                           // 13
                                 "  latency: 3\n"                                                  // 14
                                 "  arrays:\n"                                                     // 15
                                 "    - {sets: 16, ways: 4, pages: [4K, 2M], policy: plru}\n"      // 16
                                 "walker:\n"                                                       // 17
                                 "  walks: 2\n"                                                    // 18
                                 "  caches:\n"                                                     // 19
                                 "    - {level: 2, ways: 4, policy: plru}\n"                       // 20
                                 "    - {level: 1, ways: 3, policy: fifo}\n";                      // 21

// The valid text with the one occurrence of `from` replaced.
inline std::string edited(const std::string &from, const std::string &to)
{
    std::string text = valid_yaml;
    const size_t at = text.find(from);
    if (at == std::string::npos || text.find(from, at + 1) != std::string::npos)
        throw std::logic_error("'" + from + "' must be in the text exactly once");
    return text.replace(at, from.size(), to);
}

#endif
