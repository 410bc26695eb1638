// Runs the threads of a launch, a fiber each. See cuda_cpu.h for what that is good for.
#pragma once
#include <string>

#include "cuda_cpu.h"

namespace emu {

enum class Order { ascending, descending, shuffled };

// The limits of the pretended device.
constexpr unsigned kMaxThreads = 1024;
constexpr size_t kStaticShared = 48 * 1024;
constexpr size_t kDynamicShared = 99 * 1024;

void setOrder(Order order, unsigned seed);

// Runs every block. Returns what went wrong, with the kernel and the block, or an empty string.
std::string run(const Kernel& kernel, dim3 grid, dim3 blockDims, size_t dynamicBytes, void** arguments);

}  // namespace emu
