// Settings from a file: errors name it, whether it cannot be read or not be understood.
#include <doctest/doctest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "leasehold/settings_sources.hpp"
#include "support/refused_setting.hpp"

using namespace leasehold;

namespace {

// A folder of its own, gone with everything in it at the end.
class Folder {
 public:
  Folder() {
    path_ = (std::filesystem::temp_directory_path() / "leasehold-XXXXXX").string();
    REQUIRE(mkdtemp(path_.data()) != nullptr);
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  const std::string& path() const { return path_; }

  std::string write(const std::string& name, const std::string& text) const {
    const std::string file = path_ + '/' + name;
    std::ofstream(file, std::ios::binary) << text;
    return file;
  }

 private:
  std::string path_;
};

}  // namespace

TEST_CASE("a file is read on top of the base") {
  const Folder folder;
  Settings base;
  base.pool.name = "base";
  const Settings settings = settings_from_json_file(
      folder.write("engine.json", "{\r\n\t\"pool\": {\"size\": 32}\r\n}\r\n"), base);
  CHECK(settings.pool.size == 32);
  CHECK(settings.pool.name == "base");
}

TEST_CASE("an error in a file names the file and the field") {
  const Folder folder;
  const std::string path = folder.write("engine.json", R"({"pool":{"size":0}})");
  const SettingsError error = refused_setting([&path] { settings_from_json_file(path); });
  CHECK(error.field() == path + ": pool.size");
  CHECK(error.value() == "0");
  CHECK(std::string(error.what()) ==
        path + R"(: pool.size: "0": expected a whole number from 1 to 65536)");
}

TEST_CASE("a file that cannot be read is refused with the reason") {
  const Folder folder;
  const auto check = [](const std::string& path, const std::string& expected) {
    const SettingsError error = refused_setting([&path] { settings_from_json_file(path); });
    CHECK(error.field() == "settings file");
    CHECK(error.value() == path);
    CHECK(error.expected() == expected);
  };
  check(folder.path() + "/none.json", "a readable file (No such file or directory)");
  check(folder.path(), "a readable file (Is a directory)");
  check(folder.write("file", "") + "/none.json", "a readable file (Not a directory)");
}

TEST_CASE("a file may hold 1 MiB, one byte more is refused") {
  const Folder folder;
  const std::string most = "{}" + std::string((1 << 20) - 2, ' ');
  CHECK_NOTHROW(settings_from_json_file(folder.write("most.json", most)));
  const std::string path = folder.write("more.json", most + ' ');
  const SettingsError error = refused_setting([&path] { settings_from_json_file(path); });
  CHECK(error.field() == path + ": JSON");
  CHECK(error.expected() == "at most 1048576 bytes");
}

TEST_CASE("a file without end is refused") {
  CHECK(refused_setting([] { settings_from_json_file("/dev/zero"); }).expected() ==
        "at most 1048576 bytes");
}
