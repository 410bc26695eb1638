// The memory of the pretended device: NaN until written, with a guard in front of and behind every allocation.
#pragma once
#include <cstddef>
#include <string>

namespace emu {

// An allocation, or null where the system has no memory.
char* allocateDevice(size_t bytes);

// False if it is no allocation.
bool freeDevice(char* p);

// Bytes of all allocations.
size_t deviceMemoryUsed();

// Whether all of this range lies in one allocation.
bool isDevice(const void* p, size_t bytes);

// What a kernel wrote in front of or behind allocations, which is mended, or an empty string.
std::string damagedDevice();

}  // namespace emu
