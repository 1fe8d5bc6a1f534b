// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// The command lines in the documents work, one after the other, as a reader would try them from the project's folder.
#include "support/run.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <vector>

namespace
{

namespace fs = std::filesystem;

const fs::path root = LOCKWALK_SOURCE_DIR;
const std::string indent = "\n    build/lockwalk ";

std::vector<std::string> documents()
{
    std::vector<std::string> found = {"README.md"};

    for (const auto &entry : fs::directory_iterator(root / "docs"))
        if (entry.path().extension() == ".md")
            found.push_back("docs/" + entry.path().filename().string());
    std::sort(found.begin(), found.end());
    return found;
}

// What builds a simulation is run by tests/lockstep and tests/run; docs/formats.md is followed by tests/formats.
bool is_left_out(const std::string &line)
{
    return line.find(" cosim ") != std::string::npos || line.find("--correlate") != std::string::npos ||
           line.find("--on rtl") != std::string::npos || line.find(" my.tv") != std::string::npos;
}

std::vector<std::string> commands(const std::string &text)
{
    std::vector<std::string> found;

    for (size_t at = 0; (at = text.find(indent, at)) != std::string::npos; at++) {
        const std::string line = text.substr(at + 5, text.find('\n', at + 1) - at - 5);
        if (!is_left_out(line))
            found.push_back(line);
    }
    return found;
}

// A folder that looks like the project's, in which files may be written.
class Desk
{
  public:
    Desk()
    {
        fs::create_directory(folder_.path() + "/build");
        fs::create_symlink(LOCKWALK_BIN, folder_.path() + "/build/lockwalk");
        for (const char *name : {"traces", "tests", "model"})
            fs::create_symlink(root / name, folder_.path() + "/" + name);
    }

    // What is wrong with the command lines of a text; empty: nothing.
    std::string faults(const std::string &text) const
    {
        std::string found;

        for (const std::string &line : commands(text)) {
            const run::Result r = run::shell("cd '" + folder_.path() + "' && " + line);
            if (r.status != 0)
                found += line + "\nexit status " + std::to_string(r.status) + ": " + r.err + "\n";
        }
        return found;
    }

  private:
    run::Folder folder_;
};

class Documents : public testing::TestWithParam<std::string>
{
};

TEST_P(Documents, commands_work)
{
    EXPECT_EQ(Desk().faults(run::read_file((root / GetParam()).string())), "");
}

INSTANTIATE_TEST_SUITE_P(, Documents, testing::ValuesIn(documents()), [](const auto &document) {
    std::string name = document.param;
    std::replace_if(
        name.begin(), name.end(), [](char c) { return !isalnum(c); }, '_');
    return name;
});

TEST(Document, has_commands)
{
    size_t count = 0;

    for (const std::string &name : documents())
        count += commands(run::read_file((root / name).string())).size();
    EXPECT_GT(count, 30u);
}

TEST(Document, with_a_wrong_command_is_seen)
{
    const std::string found =
        Desk().faults("\n    build/lockwalk config list\n    build/lockwalk config lst\n");

    EXPECT_EQ(found.find("config list"), std::string::npos);
    EXPECT_NE(found.find("build/lockwalk config lst\nexit status 2"), std::string::npos) << found;
}

} // namespace
