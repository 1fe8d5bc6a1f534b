// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// Reads a wave: all signals below one scope, at each time of change. It has the FST reader that comes with Verilator
// write a VCD, and reads that.
#pragma once

#include "fstapi.h"

#include <cstdint>
#include <cstdio>
#include <fstream>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

class Fst
{
  public:
    using Values = std::map<std::string, std::string>; // digits without leading zeros

    struct Sample {
        uint64_t time;
        Values value;
    };

    // scope: "a.b.c."; names are told without it.
    Fst(const std::string &file, const std::string &scope)
    {
        const std::string vcd = file + ".vcd";
        void *reader = fstReaderOpen(file.c_str());
        if (reader == nullptr)
            throw std::runtime_error(file + " is no FST");
        FILE *f = fopen(vcd.c_str(), "w");
        if (f == nullptr)
            throw std::runtime_error("cannot write " + vcd);
        fstReaderProcessHier(reader, f);
        fstReaderSetFacProcessMaskAll(reader);
        const int good = fstReaderIterBlocks(reader, nullptr, nullptr, f);
        fstReaderClose(reader);
        fclose(f);
        if (good == 0)
            throw std::runtime_error(file + " cannot be read");
        read(vcd, scope);
    }

    const std::vector<Sample> &samples() const
    {
        return samples_;
    }

  private:
    std::map<std::string, std::vector<std::string>> names_; // of each code
    std::vector<Sample> samples_;

    void declare(const std::string &line, const std::string &scope, std::vector<std::string> &path)
    {
        std::istringstream words(line);
        std::string keyword, kind, third, code, name, full;

        words >> keyword >> kind >> third >> code >> name;
        if (keyword == "$scope")
            path.push_back(third);
        else if (keyword == "$upscope")
            path.pop_back();
        if (keyword != "$var")
            return;
        for (const std::string &part : path)
            full += part + ".";
        full += name;
        if (full.compare(0, scope.size(), scope) == 0)
            names_[code].push_back(full.substr(scope.size()));
    }

    void read(const std::string &vcd, const std::string &scope)
    {
        std::ifstream in(vcd);
        std::string line;
        std::vector<std::string> path;
        Values now;

        while (std::getline(in, line)) {
            if (line.empty())
                continue;
            if (line[0] == '$') {
                declare(line, scope, path);
            } else if (line[0] == '#') {
                if (!samples_.empty())
                    samples_.back().value = now;
                samples_.push_back({std::stoull(line.substr(1)), {}});
            } else {
                const size_t space = line.find(' ');
                const bool vector = line[0] == 'b';
                std::string digits = vector ? line.substr(1, space - 1) : line.substr(0, 1);
                const auto name = names_.find(line.substr(vector ? space + 1 : 1));
                digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size() - 1));
                if (name != names_.end())
                    for (const std::string &n : name->second)
                        now[n] = digits;
            }
        }
        if (!samples_.empty())
            samples_.back().value = now;
    }
};
