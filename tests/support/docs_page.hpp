#pragma once

#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace leasehold::test {

// The text of a file in docs/, which is the folder that the environment's LEASEHOLD_DOCS names.
inline std::string docs_page(const std::string& name) {
  const char* const folder = std::getenv("LEASEHOLD_DOCS");
  REQUIRE_MESSAGE(folder != nullptr, "LEASEHOLD_DOCS is not set; `meson test` sets it");
  std::ifstream file(folder + ("/" + name));
  REQUIRE(file.is_open());
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// The cells of each table row whose first cell is in backticks.
inline std::vector<std::vector<std::string>> table_rows(const std::string& text) {
  std::vector<std::vector<std::string>> found;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("| `")) continue;
    std::istringstream cells(line.substr(1));
    std::vector<std::string>& row = found.emplace_back();
    for (std::string cell; std::getline(cells, cell, '|');) {
      REQUIRE(cell.size() > 2);
      row.push_back(cell.substr(1, cell.size() - 2));
    }
  }
  return found;
}

}  // namespace leasehold::test
