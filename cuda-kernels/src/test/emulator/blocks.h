// Runs the blocks of a launch, a fiber for each thread. See cuda_cpu.h for what that is good for.
#pragma once
#include <string>

#include "cuda_cpu.h"

namespace emu {

// Of threads, warps and blocks. A warp gets as far as it can before the next one begins. In the shuffled order several
// blocks are under way, else one ends before the next one begins.
enum class Order { ascending, descending, shuffled };

// The limits of the pretended device.
constexpr unsigned kMaxThreads = 1024;
constexpr size_t kStaticShared = 48 * 1024;
constexpr size_t kDynamicShared = 99 * 1024;
constexpr size_t kResident = 6;  // blocks that are under way together

void setOrder(Order order, unsigned seed);

// Runs every block. Returns what went wrong, with the kernel and the block, or an empty string.
std::string run(const Kernel& kernel, dim3 grid, dim3 blockDims, size_t dynamicBytes, void** arguments);

// Whether the caller is a thread of a kernel.
bool inThread();

// Ends the launch because of what the calling thread of the kernel did.
[[noreturn]] void failThread(const std::string& what);

// Makes accesses to addresses that are not mapped a fault of the thread, not of the process.
void watchSignals();

// A place in a source.
struct Place {
  const char* file;
  int line;

  bool operator==(const Place& o) const { return line == o.line && strcmp(file, o.file) == 0; }
};

}  // namespace emu
