// The shared memory of the block that runs: NaN until written, with a guard behind every variable.
#pragma once
#include <string>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#define EMU_ASAN 1
#endif

namespace emu {

// For the blocks of the launch that begins.
void reserveDynamicShared(size_t bytes);

// The block whose turn it is, by its number on the device.
void selectShared(size_t resident);

// For a block that begins.
void poisonShared();

// What the block's threads wrote behind a variable, or an empty string.
std::string damagedShared();

}  // namespace emu
