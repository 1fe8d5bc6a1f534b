// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// Arrows point down only (docs/architecture.md): which room of model/ may include which.
#include "support/run.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <regex>
#include <set>

namespace
{

namespace fs = std::filesystem;

// Rooms below each room. Public headers ("lockwalk/x.h") are counted to the room that implements them.
const std::map<std::string, std::set<std::string>> below = {
    {"area", {}},
    {"arch", {}},
    {"cycle", {"arch"}},
    {"embed", {}},
    {"config", {"arch", "embed"}},
    {"trace", {"file"}},
    {"sizing", {"trace", "area"}},
    {"tv", {"arch", "config"}},
    {"pager", {"arch"}},
    {"judge", {"arch", "cycle"}},
    {"env", {"arch", "cycle", "config", "trace", "tv", "pager", "judge"}},
    {"run", {"arch", "cycle", "config", "trace", "tv", "pager", "judge", "env"}},
    {"file", {}},
    {"report", {"arch", "cycle", "config", "embed", "file", "trace", "env", "run", "sizing", "area"}},
    {"cli",
     {"arch", "cycle", "config", "file", "trace", "tv", "pager", "judge", "env", "run", "sizing", "report",
      "area"}},
};

const std::map<std::string, std::string> room_of_header = {
    {"mmu_area.h", "area"},
    {"mmu_arch.h", "arch"},
    {"mmu_format.h", "arch"},
    {"mmu.h", "cycle"},
    {"mmu_config.h", "config"},
    {"mmu_page_map.h", "trace"},
    {"mmu_trace.h", "trace"},
    {"mmu_trace_write.h", "trace"},
    {"mmu_trace_generate.h", "trace"},
    {"mmu_rng.h", ""},
    {"mmu_tv.h", "tv"},
    {"mmu_pager.h", "pager"},
    {"mmu_mem.h", "pager"},
    {"mmu_env.h", "env"},
    {"mmu_types.h", ""},
    {"mmu_stimulus.h", "env"},
    {"mmu_cfg.h", ""},
    {"mmu_judge.h", "judge"},
    {"mmu_pmp.h", "arch"},
    {"mmu_random.h", "env"},
    {"mmu_walk.h", "arch"},
    {"mmu_sizing.h", "sizing"},
    {"mmu_sizing_engine.h", "sizing"},
    {"mmu_vectors.h", "tv"},
    {"mmu_report.h", "report"},
    {"mmu_run.h", "run"},
};

// The rooms that a text includes from, own headers left out.
std::set<std::string> uses(const std::string &text)
{
    static const std::regex include("#include \"([a-z_]+)/([a-z_0-9.]+)\"");
    std::set<std::string> rooms;
    for (std::sregex_iterator i(text.begin(), text.end(), include), end; i != end; ++i) {
        const std::string folder = (*i)[1], header = (*i)[2];
        if (folder != "lockwalk")
            rooms.insert(folder);
        else if (room_of_header.count(header) == 0)
            rooms.insert("(unknown header lockwalk/" + header + ": add it to this test)");
        else if (room_of_header.at(header) != "")
            rooms.insert(room_of_header.at(header));
    }
    return rooms;
}

TEST(layers, every_room_is_known)
{
    for (const auto &entry : fs::directory_iterator(LOCKWALK_SOURCE_DIR "/model")) {
        if (entry.is_directory() && entry.path().filename() != "include") {
            EXPECT_EQ(below.count(entry.path().filename().string()), 1u) << entry.path();
        }
    }
}

TEST(layers, rooms_include_only_what_is_below_them)
{
    unsigned files = 0;
    for (const auto &[room, allowed] : below) {
        const fs::path folder = LOCKWALK_SOURCE_DIR "/model/" + room;
        if (!fs::exists(folder))
            continue;
        for (const auto &entry : fs::recursive_directory_iterator(folder)) {
            const std::string extension = entry.path().extension().string();
            if (extension != ".c" && extension != ".h")
                continue;
            files++;
            for (const std::string &used : uses(run::read_file(entry.path().string())))
                EXPECT_TRUE(used == room || allowed.count(used) == 1)
                    << entry.path() << " includes from " << used;
        }
    }
    EXPECT_GT(files, 20u);
}

TEST(layers, model_knows_nothing_of_verilator)
{
    for (const auto &entry : fs::recursive_directory_iterator(LOCKWALK_SOURCE_DIR "/model")) {
        const std::string extension = entry.path().extension().string();
        if (extension != ".c" && extension != ".h")
            continue;
        const std::string text = run::read_file(entry.path().string());
        for (const char *word : {"svdpi", "\"verilated", "<verilated", "systemc"})
            EXPECT_EQ(text.find("#include " + std::string(word)), std::string::npos) << entry.path();
    }
}

TEST(layers, an_arrow_upwards_would_be_seen)
{
    EXPECT_EQ(uses("#include \"env/x.h\"\n").count("env"), 1u);
    EXPECT_EQ(uses("#include \"lockwalk/mmu_env.h\"\n").count("env"), 1u);
    EXPECT_EQ(uses("#include \"lockwalk/mmu_types.h\"\n#include <stdio.h>\n").size(), 0u);
    EXPECT_EQ(uses("#include \"lockwalk/nobody.h\"\n").size(), 1u);
}

} // namespace
