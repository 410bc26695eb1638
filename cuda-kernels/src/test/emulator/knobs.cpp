// The emulated driver's knobs: what tests set, and what it tells them. Programs set some of them by environment variables.
#include <dlfcn.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <set>
#include <sstream>
#include <thread>

#include "driver.h"
#include "tensor_cpu.h"

using namespace driver;

namespace {

constexpr size_t kMostLog = 64 * 1024;

// What was launched, a line for each kernel with its number of threads.
std::string launchLog;
// Names of the kernels that were launched.
std::set<std::string> launched;
// Libraries with faulty kernels, by their files.
std::map<std::string, Kernels> libraries;

// Modules that were loaded, the first line of each; and text that stands in those that cannot be.
std::string loads;
std::string brokenModule;

// How long a module takes, how many are being compiled, and how many were at the same time at most.
std::atomic<int> compileMilliseconds{0};
std::atomic<int> compiling{0};
std::atomic<int> mostCompiling{0};

// A driver that compiles while its process ends takes the process along.
struct Compilation {
  Compilation() {
    int now = ++compiling;
    int most = mostCompiling;
    while (now > most && !mostCompiling.compare_exchange_weak(most, now)) {
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(compileMilliseconds));
  }
  ~Compilation() { compiling--; }
};
struct End {
  ~End() {
    if (compiling == 0) return;
    fputs("the process ends while a module is being compiled\n", stderr);
    abort();
  }
} end;

// What tests set.

Result setOrder(long long v) {
  emu::setOrder(static_cast<emu::Order>(v & 3), static_cast<unsigned>(v >> 2) + 1);
  return kSuccess;
}
Result setMemory(long long v) {
  memoryLimit = static_cast<size_t>(v);
  return kSuccess;
}
Result setEager(long long v) {
  eager = v != 0;
  return kSuccess;
}
Result setTruncating(long long v) {
  emu::tensorCoresTruncate = v != 0;
  return kSuccess;
}
Result setCapability(long long v) {
  capability = static_cast<int>(v);
  return kSuccess;
}
// How many multiprocessors a device has that is opened from now on.
Result setMultiprocessors(long long v) {
  if (v < 1) return fail(kInvalidValue, "a device has at least one multiprocessor");
  multiprocessors = static_cast<int>(v);
  return kSuccess;
}
// Whether errors stay; 0 mends a context that one has broken, as only a new process does on a GPU.
Result setSticky(long long v) {
  keepErrors(v != 0);
  return kSuccess;
}

// The address of a text "LIBRARY\nNUMBER KERNEL KERNEL ...": the kernels of these names in the library's source of that
// number take the place of the driver's. An empty text puts all back.
Result setReplaced(long long v) {
  std::istringstream text(reinterpret_cast<const char*>(v));
  replaced.clear();
  std::string library, number, name;
  if (!std::getline(text, library)) return kSuccess;
  auto known = libraries.find(library);
  if (known == libraries.end()) {
    Kernels all;
    registering = &all;
    void* loaded = dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL);
    registering = nullptr;
    if (loaded == nullptr) return fail(kNotFound, dlerror());
    known = libraries.emplace(library, all).first;
  }
  text >> number;
  while (text >> name) {
    auto original = kernels().find(name);
    auto changed = known->second.find(number + "." + name);
    if (original == kernels().end() || changed == known->second.end()) return fail(kNotFound, library + " has no kernel " + name);
    replaced[name] = changed->second;
    replaced[name].name = original->second.name;
  }
  return kSuccess;
}

// The address of 64 KB, into which goes what was launched since this was last asked.
Result getLaunches(long long v) {
  char* to = reinterpret_cast<char*>(v);
  size_t n = std::min(launchLog.size(), kMostLog - 1);
  memcpy(to, launchLog.data(), n);
  to[n] = 0;
  launchLog.clear();
  return kSuccess;
}

// Writes those that were launched since this was last asked, apart by commas, to 64 KiB at v.
Result tellLaunched(long long v) {
  std::string all;
  for (const std::string& name : launched) all += (all.empty() ? "" : ",") + name;
  launched.clear();
  if (all.size() < 1 << 16) std::memcpy(reinterpret_cast<char*>(v), all.c_str(), all.size() + 1);
  return kSuccess;
}

// How long it takes to compile a module.
Result setCompileTime(long long milliseconds) {
  compileMilliseconds = static_cast<int>(milliseconds);
  return kSuccess;
}

// The address of a text: modules in which it stands cannot be compiled. An empty one lets all be compiled.
Result setBrokenModule(long long v) {
  brokenModule = reinterpret_cast<const char*>(v);
  return kSuccess;
}

// The address of 64 KB, into which goes what was loaded since this was last asked, behind a line with a number: how many
// modules were being compiled at the same time.
Result getLoads(long long v) {
  std::string all = std::to_string(mostCompiling) + "\n" + loads;
  size_t n = std::min(all.size(), kMostLog - 1);
  memcpy(reinterpret_cast<char*>(v), all.data(), n);
  reinterpret_cast<char*>(v)[n] = 0;
  loads.clear();
  mostCompiling = 0;
  return kSuccess;
}

const Knob knobs[] = {{"emulator_order", setOrder},
                      {"emulator_memory", setMemory},
                      {"emulator_eager", setEager},
                      {"emulator_capability", setCapability},
                      {"emulator_multiprocessors", setMultiprocessors},
                      {"emulator_truncating", setTruncating},
                      {"emulator_sticky", setSticky},
                      {"emulator_replaced", setReplaced},
                      {"emulator_launches", getLaunches},
                      {"emulator_launched", tellLaunched},
                      {"emulator_compile_time", setCompileTime},
                      {"emulator_broken_module", setBrokenModule},
                      {"emulator_loads", getLoads}};

}  // namespace

const Knob* driver::findKnob(const char* name) {
  for (const Knob& knob : knobs) {
    if (std::string(knob.name) == name) return &knob;
  }
  return nullptr;
}
const Knob* driver::findKnob(const void* function) {
  for (const Knob& knob : knobs) {
    if (function == &knob) return &knob;
  }
  return nullptr;
}

void driver::noteLaunch(const char* name, uint64_t threads) {
  if (launchLog.size() < kMostLog) launchLog += std::string(name) + " " + std::to_string(threads) + "\n";
  launched.insert(name);
}

Result driver::noteLoad(const std::string& image) {
  if (!brokenModule.empty() && image.find(brokenModule) != std::string::npos) {
    return fail(kInvalidPtx, "this module was to be broken");
  }
  loads += image.substr(0, image.find_first_of(",\n")) + "\n";
  return kSuccess;
}

void driver::compile() { Compilation takesItsTime; }

// Knobs for whole programs: another capability than the least, such as 80, with which TF32 comes; as many multiprocessors
// as a GPU has, such as the 132 of an H100, with which work is split as it is there; and errors that stay, with any value
// but 0.
[[maybe_unused]] static const bool asked = [] {
  const char* capabilityAsked = getenv("CORTADO_EMULATED_CAPABILITY");
  if (capabilityAsked != nullptr) setCapability(atoll(capabilityAsked));
  const char* multiprocessorsAsked = getenv("CORTADO_EMULATED_MULTIPROCESSORS");
  if (multiprocessorsAsked != nullptr && setMultiprocessors(atoll(multiprocessorsAsked)) != kSuccess) {
    fprintf(stderr, "CORTADO_EMULATED_MULTIPROCESSORS=%s is no number from 1 up\n", multiprocessorsAsked);
    abort();
  }
  const char* stickyAsked = getenv("CORTADO_EMULATED_STICKY");
  if (stickyAsked != nullptr) setSticky(strcmp(stickyAsked, "0") != 0);
  return true;
}();
