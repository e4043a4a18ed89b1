// Runs a fuzz target on the files of the folders that are its arguments: so each input that was
// worth keeping is tried with every compiler, and no fuzzer is needed.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

int main(int count, char** arguments) {
  std::size_t inputs = 0;
  for (int at = 1; at < count; ++at) {
    for (const auto& entry : std::filesystem::directory_iterator(arguments[at])) {
      std::ifstream file(entry.path(), std::ios::binary);
      const std::vector<char> bytes{std::istreambuf_iterator<char>(file), {}};
      if (file.bad() || bytes.empty()) {
        std::fprintf(stderr, "%s: expected a file to read\n", entry.path().c_str());
        return EXIT_FAILURE;
      }
      // Named first, for the case that it does not come back.
      std::printf("%s\n", entry.path().filename().c_str());
      std::fflush(stdout);
      const std::vector<std::uint8_t> exact(bytes.begin(), bytes.end());
      LLVMFuzzerTestOneInput(exact.data(), exact.size());
      ++inputs;
    }
  }
  std::printf("%zu inputs\n", inputs);
  return inputs > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
