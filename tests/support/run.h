// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// Running a program as a user does, and files for it.
#ifndef LOCKWALK_TESTS_SUPPORT_RUN_H
#define LOCKWALK_TESTS_SUPPORT_RUN_H

#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>

namespace run
{

struct Result {
    int status; // exit status, or -1 where a signal ended it
    std::string out, err;
};

inline std::string read_file(const std::string &path)
{
    std::ifstream in(path, std::ios::binary);
    if (!in)
        throw std::runtime_error("cannot open " + path);
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

// A folder that goes when the test does.
class Folder
{
  public:
    Folder()
    {
        std::string name =
            (getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp") + std::string("/lockwalk-test-XXXXXX");
        if (mkdtemp(name.data()) == nullptr)
            throw std::runtime_error("cannot make a folder in TMPDIR");
        path_ = name;
    }
    ~Folder()
    {
        if (system(("rm -rf '" + path_ + "'").c_str()) != 0)
            fprintf(stderr, "cannot remove %s\n", path_.c_str());
    }
    Folder(const Folder &) = delete;
    Folder &operator=(const Folder &) = delete;

    const std::string &path() const
    {
        return path_;
    }

    // Writes a file and returns its path.
    std::string file(const std::string &name, const std::string &text) const
    {
        std::ofstream(path_ + "/" + name, std::ios::binary) << text;
        return path_ + "/" + name;
    }

  private:
    std::string path_;
};

// Runs a line of shell.
inline Result shell(const std::string &line)
{
    Folder folder;
    const std::string out = folder.path() + "/out", err = folder.path() + "/err";
    const int status = system(("{ " + line + "\n} >'" + out + "' 2>'" + err + "' </dev/null").c_str());
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, read_file(out), read_file(err)};
}

// Runs the program with these arguments.
inline Result lockwalk(const std::string &arguments)
{
    return shell(std::string("'") + LOCKWALK_BIN + "' " + arguments);
}

} // namespace run

#endif
